package io.samband.bench;

import io.samband.testing.Jcmd;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The live objects of another JVM. */
final class Heap {
  private static final Pattern TOTAL =
      Pattern.compile("^Total\\s+\\d+\\s+(\\d+)", Pattern.MULTILINE);

  private Heap() {}

  /** Bytes in use after a full collection, which this triggers. */
  static long liveBytes(long pid) {
    Jcmd.run(pid, "GC.run");
    Matcher total = TOTAL.matcher(Jcmd.run(pid, "GC.class_histogram"));
    if (!total.find()) {
      throw new IllegalStateException("no total in the histogram of process " + pid);
    }
    return Long.parseLong(total.group(1));
  }
}
