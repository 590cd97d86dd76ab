package io.samband.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * User and system time of a process, without that of the JVM's compiler: it goes on for minutes, differs from run to run, and
 * ends. {@link #JVM_FLAG} keeps its threads alive, so that their time can be subtracted.
 */
final class CpuTime {
  static final String JVM_FLAG = "-XX:-UseDynamicNumberOfCompilerThreads";

  /** Linux shows the first 15 characters of a thread's name. */
  private static final Pattern COMPILER = Pattern.compile("C[12] CompilerThre");

  /** {@code USER_HZ}, which Linux has fixed for what it shows in /proc. */
  private static final double TICKS_PER_SECOND = 100;

  private static final int USER = 11;
  private static final int SYSTEM = 12;

  private CpuTime() {}

  static double seconds(long pid) throws IOException {
    try {
      Path process = Path.of("/proc", String.valueOf(pid));
      long ticks = ticks(Files.readString(process.resolve("stat")));
      try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
        for (Path thread : threads) {
          ticks -= compilerTicks(thread);
        }
      }
      return ticks / TICKS_PER_SECOND;
    } catch (NoSuchFileException notLinux) {
      return ProcessHandle.of(pid)
              .flatMap(process -> process.info().totalCpuDuration())
              .orElse(Duration.ZERO)
              .toNanos()
          / 1e9;
    }
  }

  private static long compilerTicks(Path thread) {
    try {
      String stat = Files.readString(thread.resolve("stat"));
      return COMPILER.matcher(stat).find() ? ticks(stat) : 0;
    } catch (IOException hasEnded) {
      return 0;
    }
  }

  private static long ticks(String stat) {
    // The name, in parentheses, may have spaces.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM]);
  }
}
