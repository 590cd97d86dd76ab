package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a server's process holds, sampled into a table. Linux only, as it reads {@code /proc}. */
public final class Vitals {
  private static final String HEADER =
      "second,heapMB,metaspaceMB,rssMB,threads,files,sockets,open,clients,published,resumes,breaks\n";
  private static final Pattern METASPACE = Pattern.compile("Metaspace\\s+used (\\d+)K");

  /** Of a server that serves a few hundred: a leak of a thread or a file per client shows above it within minutes. */
  private static final int SLACK_THREADS = 40;

  private static final int SLACK_FILES = 60;
  private static final int SLACK_HEAP_MB = 60;

  private record Sample(long heapMb, long threads, long files, long open) {}

  private final LiveServer server;
  private final Path table;
  private final long start = System.nanoTime();
  private final List<Sample> samples = new ArrayList<>();

  /** Starts a new table. */
  public static Vitals of(LiveServer server, Path table) {
    write(table, HEADER, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
    return new Vitals(server, table);
  }

  private Vitals(LiveServer server, Path table) {
    this.server = server;
    this.table = table;
  }

  /** Adds a line; the heap is what is left after a collection. */
  public void sample(Fleet fleet, long published) {
    long heapMib = Jcmd.liveMib(server.pid());
    long metaspaceKib = number(METASPACE, Jcmd.run(server.pid(), "GC.heap_info"));
    Path process = Path.of("/proc", String.valueOf(server.pid()));
    List<String> files = files(process.resolve("fd"));
    long sockets = files.stream().filter(file -> file.startsWith("socket:")).count();
    Fleet.Tally tally = fleet.tally();
    Sample sample = new Sample(heapMib, status(process, "Threads"), files.size(), fleet.open());
    samples.add(sample);
    String line = String.join(
        ",",
        String.valueOf((System.nanoTime() - start) / 1_000_000_000),
        String.valueOf(sample.heapMb),
        String.valueOf(metaspaceKib / 1024),
        String.valueOf(status(process, "VmRSS") / 1024),
        String.valueOf(sample.threads),
        String.valueOf(files.size()),
        String.valueOf(sockets),
        String.valueOf(sample.open),
        String.valueOf(fleet.size()),
        String.valueOf(published),
        String.valueOf(tally.opened()),
        String.valueOf(tally.breaks()));
    write(table, line + "\n", StandardOpenOption.APPEND);
    System.out.println("Vitals: " + line);
  }

  /** Fails if the last sample holds clearly more than the first quarter did. */
  public void assertFlat() {
    List<Sample> early = samples.subList(0, Math.max(1, samples.size() / 4));
    Sample last = samples.get(samples.size() - 1);
    check("heap MB", last.heapMb, max(early, Sample::heapMb) + SLACK_HEAP_MB);
    check("threads", last.threads, max(early, Sample::threads) + SLACK_THREADS);
    // Those of the streams apart.
    check(
        "files",
        last.files - last.open,
        max(early, sample -> sample.files - sample.open) + SLACK_FILES);
  }

  private static long max(List<Sample> some, java.util.function.ToLongFunction<Sample> what) {
    return some.stream().mapToLong(what).max().orElseThrow();
  }

  private void check(String what, long last, long most) {
    if (last > most) {
      throw new AssertionError(what + " grew to " + last + ", at most " + most + ": see " + table);
    }
  }

  private static List<String> files(Path directory) {
    List<String> targets = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        try {
          targets.add(Files.readSymbolicLink(file).toString());
        } catch (IOException e) {
          // Closed in between.
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return targets;
  }

  private static long status(Path process, String name) {
    try {
      return number(
          Pattern.compile("(?m)^" + name + ":\\s+(\\d+)"),
          Files.readString(process.resolve("status")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long number(Pattern pattern, String text) {
    Matcher found = pattern.matcher(text);
    if (!found.find()) {
      throw new IllegalStateException(pattern + " is not in: " + text);
    }
    return Long.parseLong(found.group(1));
  }

  private static void write(Path file, String text, StandardOpenOption... options) {
    try {
      Files.writeString(file, text, options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
