package io.samband.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Compiles a few lines of C into a library that a process is started with, and that stands in front of the system's functions. */
final class NativeLibrary {
  private NativeLibrary() {}

  /** A new directory that servers which run as another user can read, too. */
  static Path readableDirectory(String prefix) throws IOException {
    return Files.createTempDirectory(
        Path.of("/tmp"),
        prefix,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
  }

  /**
   * Compiles one of {@code src/test/native}.
   *
   * @return whether there is a C compiler, and it has done it
   */
  static boolean compile(String source, Path library) {
    Path file = Path.of("src/test/native", source).toAbsolutePath();
    try {
      return new ProcessBuilder(
                  "cc", "-shared", "-fPIC", "-o", library.toString(), file.toString(), "-ldl")
              .inheritIO()
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
