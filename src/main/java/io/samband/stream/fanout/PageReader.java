package io.samband.stream.fanout;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Metrics;
import io.samband.concurrent.Backoff;
import io.samband.concurrent.NamedThreads;
import io.samband.concurrent.Notifier;
import io.samband.log.EventFilter;
import io.samband.log.EventLog;
import io.samband.log.LoggedEvent;
import io.samband.log.Page;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Reads pages of the log for subscribers that are behind the ring, in threads of its own, so that a slow disk delays only
 * those that need it. Each request is for one page; a subscriber that needs more asks again, behind the others.
 */
final class PageReader implements AutoCloseable {
  /** While one waits for the disk another encodes. */
  private static final int THREADS = 2;

  private static final System.Logger LOG = System.getLogger(PageReader.class.getName());
  private static final int MAX_EVENTS = 1_000;
  private static final Duration FIRST_RETRY = Duration.ofMillis(250);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);

  /** Hundreds of subscribers may wait for pages that cannot be read: their failures share a line. */
  private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final EventLog log;
  private final Notifier notifier;
  private final ScheduledThreadPoolExecutor threads;
  private final Counter failures = Metrics.counter("samband.replay.failures");
  private final AtomicLong lastLoggedNanos = new AtomicLong(System.nanoTime() - LOG_INTERVAL_NANOS);

  PageReader(EventLog log, Notifier notifier) {
    this.log = log;
    this.notifier = notifier;
    this.threads = new ScheduledThreadPoolExecutor(THREADS, new NamedThreads("samband-replay"));
    threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * Reads the page after an offset and hands it over, in a thread of this reader. While the page cannot be read it is tried
   * again, with growing delays.
   *
   * @param wanted whether the page is still needed
   */
  void read(long after, EventFilter filter, BooleanSupplier wanted, Consumer<Window> taker) {
    Request request =
        new Request(after, filter, wanted, taker, new Backoff(FIRST_RETRY, LAST_RETRY));
    try {
      threads.execute(() -> attempt(request));
    } catch (RejectedExecutionException e) {
      // Only while closing, when all streams have ended.
      return;
    }
  }

  private record Request(
      long after,
      EventFilter filter,
      BooleanSupplier wanted,
      Consumer<Window> taker,
      Backoff backoff) {}

  private void attempt(Request request) {
    if (!request.wanted().getAsBoolean()) {
      return;
    }
    Window window;
    try {
      Page page = log.read(request.after(), request.filter(), MAX_EVENTS, Batch.MAX_BYTES);
      window = window(request.after(), page);
    } catch (RuntimeException | Error e) {
      // Whatever it was: a subscriber that is not called back would never get an event again.
      failed(request, e);
      return;
    }
    request.taker().accept(window);
  }

  private void failed(Request request, Throwable cause) {
    failures.increment();
    long now = System.nanoTime();
    long last = lastLoggedNanos.get();
    if (now - last >= LOG_INTERVAL_NANOS && lastLoggedNanos.compareAndSet(last, now)) {
      notifier.log(
          LOG,
          Level.WARNING,
          "[SSE] page of the event log unreadable, trying again after={0,number,#} failures={1,number,#} cause={2}",
          request.after(),
          failures.count(),
          cause.toString());
    }
    if (!threads.isShutdown()) {
      var unused = threads.schedule(
          () -> attempt(request), request.backoff().nextMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private static Window window(long after, Page page) {
    List<Frame> frames = new ArrayList<>(page.events().size());
    for (LoggedEvent event : page.events()) {
      frames.add(Frame.of(event));
    }
    return new Window(after, page.reset(), frames, page.through());
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
