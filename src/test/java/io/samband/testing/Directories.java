package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** What tests do with the files of servers. */
final class Directories {
  private Directories() {}

  /** Copies all that is in a directory into another one, which may be there already. */
  static void copy(Path from, Path to) {
    copy(from, to, file -> true);
  }

  /** As above, but only some of it. */
  static void copy(Path from, Path to, Predicate<Path> which) {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(which).toList()) {
        // As text, because one of them may be in a zip file.
        Path copy = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Removes a directory, if it is there. What a server that was just killed still holds is left: it lies under /tmp or target. */
  static void delete(Path directory) {
    delete(directory, file -> true);
  }

  /** As above, but only some of it. */
  static void delete(Path directory, Predicate<Path> which) {
    try (Stream<Path> files = Files.walk(directory)) {
      files
          .filter(which)
          .sorted(Comparator.reverseOrder())
          .forEach(file -> file.toFile().delete());
    } catch (IOException | UncheckedIOException e) {
      // As above.
    }
  }

  /** Changes a file of text, and fails if the place to change is not there. */
  static void edit(Path file, UnaryOperator<String> change) {
    try {
      String before = Files.readString(file);
      String after = change.apply(before);
      if (after.equals(before)) {
        throw new IllegalStateException(file + " has another form");
      }
      Files.writeString(file, after);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
