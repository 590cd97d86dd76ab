package io.samband.testing;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A look into another JVM. */
public final class Jcmd {
  private static final Pattern TOTAL =
      Pattern.compile("^Total\\s+\\d+\\s+(\\d+)", Pattern.MULTILINE);

  private Jcmd() {}

  /**
   * What {@code jcmd} prints. It answers when the other JVM has reached a safepoint, however long that takes.
   *
   * @param command as {@code GC.class_histogram}, which collects garbage first: what it counts is reachable
   */
  public static String run(long pid, String command) {
    return Processes.printed(new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
        String.valueOf(pid),
        command));
  }

  /** The bytes of heap that are reachable: counted in one pause, so that what is made meanwhile does not blur it. */
  public static long liveBytes(long pid) {
    String histogram = run(pid, "GC.class_histogram");
    Matcher total = TOTAL.matcher(histogram);
    if (!total.find()) {
      throw new IllegalStateException(histogram);
    }
    return Long.parseLong(total.group(1));
  }

  /** The same in MiB. */
  public static long liveMib(long pid) {
    return liveBytes(pid) >> 20;
  }
}
