package io.samband.bench;

import io.samband.event.EventId;
import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.log.EventFilter;
import io.samband.log.EventLog;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/** Some threads that do the same again and again for a while, and what came of it. */
final class Load {
  private static final String DATA = "x".repeat(250);

  private Load() {}

  /** One thing to do. */
  interface Work {
    /** Does it once, and tells for how many that counts. */
    int once() throws Exception;
  }

  /** What was done. */
  static final class Figures {
    private final long count;
    private final double seconds;
    private final long[] nanos;

    /**
     * @param count of what was done
     * @param nanos how long each call took, in rising order
     */
    Figures(long count, double seconds, long[] nanos) {
      this.count = count;
      this.seconds = seconds;
      this.nanos = nanos;
    }

    private long micros(double share) {
      return nanos.length == 0 ? 0 : nanos[(int) ((nanos.length - 1) * share)] / 1_000;
    }
  }

  static List<EventId> ids(CompletionStage<PublishOutcome> append) throws Exception {
    return ((PublishOutcome.Durable) append.toCompletableFuture().get()).ids();
  }

  /** As large as the message of a dispatcher. */
  static List<SSEEvent> messages(int count) {
    return Collections.nCopies(count, SSEEvent.of("flash_message", DATA));
  }

  static Figures measure(int threads, long seconds, Work work) throws Exception {
    return measure(Collections.nCopies(threads, work), seconds);
  }

  /** One thread for each. */
  static Figures measure(List<Work> works, long seconds) throws Exception {
    var count = new AtomicLong();
    var done = new CountDownLatch(works.size());
    long[][] took = new long[works.size()][];
    long began = System.nanoTime();
    long end = began + seconds * 1_000_000_000L;
    for (int i = 0; i < works.size(); i++) {
      int index = i;
      Thread thread = new Thread(() -> {
        took[index] = run(works.get(index), end, count);
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

  /** Reads 100,000 events again and again. */
  static void replay(EventLog log) throws Exception {
    long before = log.state().newest();
    for (int i = 0; i < 100; i++) {
      ids(log.append(messages(1_000)));
    }
    var cursor = new Cursor(log, before);
    measure(1, 2, cursor::page);
    report("replay in pages of 32 KiB", "events", measure(1, 5, cursor::page));
  }

  private static final class Cursor {
    private final EventLog log;
    private final long begin;
    private long at;

    Cursor(EventLog log, long begin) {
      this.log = log;
      this.begin = begin;
      this.at = begin;
    }

    int page() {
      var page = log.read(at, EventFilter.ALL, 1_000, 32 * 1024);
      at = page.more() ? page.through() : begin;
      return page.events().size();
    }
  }

  static void reportMachine() {
    System.out.printf(
        "%s, %d CPUs, load %.1f%n",
        System.getProperty("java.vm.version"),
        Runtime.getRuntime().availableProcessors(),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }

  static void report(String name, String what, Figures figures) {
    System.out.printf(
        "%-40s %,10.0f %s/s   p50 %,7d us   p99 %,7d us%n",
        name, figures.count / figures.seconds, what, figures.micros(0.5), figures.micros(0.99));
  }
}
