package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** A time of day that is wrong for one process, by a library that is preloaded (Linux). */
public final class WrongClock {
  private WrongClock() {}

  /** For the process whose clock is ahead by so much, or behind if that is negative. */
  public static Map<String, String> ahead(Duration by) {
    return Map.of(
        "LD_PRELOAD",
        Library.FILE.toString(),
        "CLOCK_AHEAD_SECONDS",
        String.valueOf(by.toSeconds()));
  }

  /** Compiled once in this JVM. */
  private static final class Library {
    static final Path FILE = compiled();

    private static Path compiled() {
      try {
        Path dir = NativeLibrary.readableDirectory("samband-clock-");
        Path file = dir.resolve("clock.so");
        if (!NativeLibrary.compile("clock.c", file)) {
          throw new IllegalStateException(
              "this test needs a C compiler: apt-get install gcc libc6-dev");
        }
        dir.toFile().deleteOnExit();
        file.toFile().deleteOnExit();
        return file;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
