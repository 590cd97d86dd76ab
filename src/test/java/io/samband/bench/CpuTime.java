package io.samband.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;

/** User and system time of a process. */
final class CpuTime {
  /** {@code USER_HZ}, which Linux has fixed for what it shows in /proc. */
  private static final double TICKS_PER_SECOND = 100;

  private static final int USER = 11;
  private static final int SYSTEM = 12;

  private CpuTime() {}

  static double seconds(long pid) throws IOException {
    try {
      String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
      // The name, in parentheses, may have spaces.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return (Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM])) / TICKS_PER_SECOND;
    } catch (NoSuchFileException notLinux) {
      return ProcessHandle.of(pid)
              .flatMap(process -> process.info().totalCpuDuration())
              .orElse(Duration.ZERO)
              .toNanos()
          / 1e9;
    }
  }
}
