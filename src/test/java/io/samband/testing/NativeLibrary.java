package io.samband.testing;

import java.io.IOException;
import java.nio.file.Path;

/** Compiles a few lines of C into a library that a process is started with, and that stands in front of the system's functions. */
final class NativeLibrary {
  private NativeLibrary() {}

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
