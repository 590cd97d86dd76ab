package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What tests do with programs that they have started. */
public final class Processes {
  private static final Duration LONGEST = Duration.ofMinutes(5);

  private static final Duration POLITE = Duration.ofMinutes(1);

  private Processes() {}

  /**
   * Waits for its end and returns what it printed; fails with that if it fails or takes longer than five minutes.
   *
   * @param output where it prints to
   */
  static String printed(String name, Process process, Path output) {
    try {
      boolean ended = process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS);
      String printed = Files.readString(output);
      if (!ended) {
        stop(process);
        throw new AssertionError(name + " took longer than " + LONGEST + ":\n" + printed);
      }
      if (process.exitValue() != 0) {
        throw new AssertionError(name + " failed:\n" + printed);
      }
      return printed;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Runs a program to its end and returns what it printed; fails with that if it fails. */
  static String printed(ProcessBuilder builder) {
    try {
      Process process = builder.redirectErrorStream(true).start();
      process.getOutputStream().close();
      String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int exit = process.waitFor();
      if (exit != 0) {
        throw new AssertionError(
            String.join(" ", builder.command()) + " ended with " + exit + ":\n" + printed);
      }
      return printed;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Sends a signal, such as {@code STOP}, to a program that runs. */
  static void signal(String name, long pid) {
    printed(new ProcessBuilder("kill", "-" + name, String.valueOf(pid)));
  }

  /** Asks it and all that it has started to end, and forces those that have not after a minute. */
  public static void stop(Process process) {
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroy);
    all.forEach(Processes::awaitEnd);
    all.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
    awaitEnd(process.toHandle());
  }

  private static void awaitEnd(ProcessHandle process) {
    process
        .onExit()
        .completeOnTimeout(process, POLITE.toSeconds(), TimeUnit.SECONDS)
        .join();
  }
}
