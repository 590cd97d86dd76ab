package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A look into another JVM. */
public final class Jcmd {
  private static final Pattern HEAP = Pattern.compile("(?:heap|garbage-first).*used (\\d+)K");

  private Jcmd() {}

  /**
   * What {@code jcmd} prints. It answers when the other JVM has reached a safepoint, however long that takes.
   *
   * @param command as {@code GC.class_histogram}, which collects garbage first: what it counts is reachable
   */
  public static String run(long pid, String command) {
    try {
      Process jcmd = new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
              String.valueOf(pid),
              command)
          .redirectErrorStream(true)
          .start();
      String output = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int exit = jcmd.waitFor();
      if (exit != 0) {
        throw new IllegalStateException(
            "jcmd " + pid + " " + command + ": " + exit + "\n" + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The MiB of heap that are in use after a collection. */
  public static long heapMib(long pid) {
    run(pid, "GC.run");
    String heap = run(pid, "GC.heap_info");
    Matcher used = HEAP.matcher(heap);
    if (!used.find()) {
      throw new IllegalStateException(heap);
    }
    return Long.parseLong(used.group(1)) / 1024;
  }
}
