package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A disk that is full for as long as a test wants: files of one directory cannot become longer. Done by a library that is
 * preloaded into the server (Linux), because not every machine lets a test mount a file system.
 */
public final class FullDisk implements AutoCloseable {
  private final Path work;
  private final Path library;
  private final Path marker;

  public FullDisk() {
    try {
      // The database may run as another user.
      work = NativeLibrary.readableDirectory("samband-disk-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    library = work.resolve("full.so");
    marker = work.resolve("full");
    if (!NativeLibrary.compile("full.c", library)) {
      throw new IllegalStateException(
          "this test needs a C compiler: apt-get install gcc libc6-dev");
    }
  }

  /** For the process of a server whose data is in a directory. */
  Map<String, String> environment(Path data) {
    return Map.of(
        "LD_PRELOAD", library.toString(),
        "FULL_BELOW", data.toString(),
        "FULL_WHILE", marker.toString());
  }

  public void fill() {
    try {
      Files.writeString(marker, "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void free() {
    try {
      Files.deleteIfExists(marker);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    free();
    try {
      Files.deleteIfExists(library);
      Files.deleteIfExists(work);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
