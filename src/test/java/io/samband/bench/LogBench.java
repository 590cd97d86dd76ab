package io.samband.bench;

import io.samband.event.EventId;
import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.log.EventFilter;
import io.samband.log.EventLog;
import io.samband.log.Retention;
import io.samband.log.h2.H2Engine;
import io.samband.log.pending.PendingEventLog;
import io.samband.settings.Settings;
import io.samband.testing.Http;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/**
 * What the event log does in a second, measured where a module stands: {@code ./mvnw -Pbench-log}. With {@code
 * -Dbench.url=http://localhost:8080/} it also asks a running server for polls.
 */
public final class LogBench {
  private static final long SECONDS = Long.getLong("bench.seconds", 5);
  private static final String DATA = "x".repeat(250);

  private LogBench() {}

  public static void main(String[] args) throws Exception {
    System.out.printf(
        "%s, %d CPUs, load %.1f%n",
        System.getProperty("java.vm.version"),
        Runtime.getRuntime().availableProcessors(),
        java.lang.management.ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    for (boolean sync : new boolean[] {false, true}) {
      for (int publishers : new int[] {1, 8, 32}) {
        appends(sync, publishers, 1);
      }
    }
    appends(false, 1, 100);
    replay();
    String url = System.getProperty("bench.url", "");
    if (!url.isEmpty()) {
      polls(new Http(URI.create(url)));
    }
  }

  private static List<EventId> ids(CompletionStage<PublishOutcome> append) throws Exception {
    return ((PublishOutcome.Durable) append.toCompletableFuture().get()).ids();
  }

  private interface Work {
    /** Does one thing, and tells how many that counts for. */
    int once() throws Exception;
  }

  private static void appends(boolean sync, int publishers, int batch) throws Exception {
    Path dir = Files.createTempDirectory(Path.of(System.getProperty("bench.dir", ".")), "bench-");
    try (var log = open(Settings.of(
        Map.of("samband.data.dir", dir.toString(), "samband.data.sync", String.valueOf(sync))))) {
      List<SSEEvent> events =
          java.util.Collections.nCopies(batch, SSEEvent.of("flash_message", DATA));
      // As a module does: it encodes, appends, and waits until that is durable.
      Work append = () -> ids(log.append(events)).size();
      measure(publishers, 2, append);
      String name = (sync ? "sync, " : "") + publishers + " publishers"
          + (batch > 1 ? ", batches of " + batch : "");
      report(name, "events", measure(publishers, SECONDS, append));
    } finally {
      delete(dir);
    }
  }

  private static void replay() throws Exception {
    Path dir = Files.createTempDirectory(Path.of(System.getProperty("bench.dir", ".")), "bench-");
    try (var log = open(Settings.of(Map.of("samband.data.dir", dir.toString())))) {
      List<SSEEvent> events =
          java.util.Collections.nCopies(1_000, SSEEvent.of("flash_message", DATA));
      for (int i = 0; i < 100; i++) {
        log.append(events).toCompletableFuture().get();
      }
      Cursor one = new Cursor(log);
      measure(1, 2, one::page);
      report("replay in pages of 32 KiB", "events", measure(1, SECONDS, one::page));
    } finally {
      delete(dir);
    }
  }

  /** Reads the log from its beginning, again and again. */
  private static final class Cursor {
    private final EventLog log;
    private long at;

    Cursor(EventLog log) {
      this.log = log;
    }

    int page() {
      var page = log.read(at, EventFilter.ALL, 1_000, 32 * 1024);
      at = page.more() ? page.through() : 0;
      return page.events().size();
    }
  }

  private static void polls(Http http) throws Exception {
    String path = "api/sse/poll?after="
        + http.get("api/sse/poll").json().asJsonObject().getString("lastEventId");
    Work poll = () -> http.get(path).status() == 200 ? 1 : 0;
    measure(8, 3, poll);
    report("poll when nothing is new, 8 clients", "requests", measure(8, SECONDS, poll));
  }

  private static final class Figures {
    final long count;
    final double seconds;
    final long[] nanos;

    Figures(long count, double seconds, long[] nanos) {
      this.count = count;
      this.seconds = seconds;
      this.nanos = nanos;
    }

    long micros(double share) {
      return nanos.length == 0 ? 0 : nanos[(int) ((nanos.length - 1) * share)] / 1_000;
    }
  }

  private static Figures measure(int threads, long seconds, Work work) throws Exception {
    var count = new AtomicLong();
    var done = new CountDownLatch(threads);
    long[][] took = new long[threads][];
    long began = System.nanoTime();
    long end = began + seconds * 1_000_000_000L;
    for (int i = 0; i < threads; i++) {
      int index = i;
      Thread thread = new Thread(() -> {
        took[index] = run(work, end, count);
        done.countDown();
      });
      thread.setDaemon(true);
      thread.start();
    }
    done.await();
    double elapsed = (System.nanoTime() - began) / 1e9;
    long[] all = Arrays.stream(took).flatMapToLong(LongStream::of).sorted().toArray();
    return new Figures(count.get(), elapsed, all);
  }

  private static long[] run(Work work, long end, AtomicLong count) {
    long[] nanos = new long[1 << 16];
    int size = 0;
    try {
      for (long now = System.nanoTime(); now < end; ) {
        count.addAndGet(work.once());
        long after = System.nanoTime();
        if (size == nanos.length) {
          nanos = Arrays.copyOf(nanos, size * 2);
        }
        nanos[size++] = after - now;
        now = after;
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    return Arrays.copyOf(nanos, size);
  }

  private static void report(String name, String what, Figures figures) {
    System.out.printf(
        "%-40s %,10.0f %s/s   p50 %,7d us   p99 %,7d us%n",
        name, figures.count / figures.seconds, what, figures.micros(0.5), figures.micros(0.99));
  }

  private static void delete(Path dir) throws IOException {
    try (var files = Files.list(dir)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(dir);
  }

  private static EventLog open(Settings settings) {
    return PendingEventLog.open(
        new H2Engine(settings.dataDir(), settings.dataSync(), Retention.of(settings)), settings);
  }
}
