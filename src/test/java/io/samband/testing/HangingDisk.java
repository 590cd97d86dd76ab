package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Lets a server's writes below one directory hang for as long as a test wants, by a library that is preloaded (Linux). */
public final class HangingDisk {
  private final Path library;
  private final Path data;
  private final Path marker;

  private HangingDisk(Path work) {
    library = work.resolve("hang.so");
    data = work.resolve("data");
    marker = work.resolve("hang");
  }

  /** Compiles the library, or is empty where there is no C compiler. */
  public static Optional<HangingDisk> in(Path work) {
    HangingDisk disk = new HangingDisk(work);
    return NativeLibrary.compile("hang.c", disk.library) ? Optional.of(disk) : Optional.empty();
  }

  /** The directory for the log; what is written elsewhere never hangs. */
  public Path data() {
    return data;
  }

  /** For the process of the server. */
  public Map<String, String> environment() {
    return Map.of(
        "LD_PRELOAD", library.toString(),
        "HANG_BELOW", data.toString(),
        "HANG_WHILE", marker.toString());
  }

  public void hang() {
    try {
      Files.writeString(marker, "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void goOn() {
    try {
      Files.deleteIfExists(marker);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
