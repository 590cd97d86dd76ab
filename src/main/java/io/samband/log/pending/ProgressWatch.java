package io.samband.log.pending;

import io.samband.concurrent.NamedThreads;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Notices when the appender makes no progress: because the engine does not answer, or fails again and again.
 *
 * <p>It counts its own looks instead of reading a clock: a pause of the whole process delays the next look, and is not taken
 * for an engine that does not answer.
 */
final class ProgressWatch implements AutoCloseable {
  /** Below this a garbage collection or a busy processor would count as a failure. */
  private static final long FLOOR_MILLIS = 250;

  private static final int LOOKS = 10;

  private final long limitMillis;
  private final Consumer<String> failing;
  private final ScheduledThreadPoolExecutor looks =
      new ScheduledThreadPoolExecutor(1, new NamedThreads("samband-log-watch"));

  private final AtomicLong steps = new AtomicLong();
  private volatile boolean busy;
  private volatile String failure;

  // Only the watching thread uses these.
  private long seenSteps;
  private int still;

  /**
   * @param limitMillis without progress for so long, but at least 250 ms, the log counts as failing
   * @param failing is told the reason then, and again while it lasts
   */
  ProgressWatch(long limitMillis, Consumer<String> failing) {
    this.limitMillis = Math.max(FLOOR_MILLIS, limitMillis);
    this.failing = failing;
  }

  void start() {
    long every = Math.max(1, TimeUnit.MILLISECONDS.toMicros(limitMillis) / LOOKS);
    var unused = looks.scheduleWithFixedDelay(this::look, every, every, TimeUnit.MICROSECONDS);
  }

  private void look() {
    try {
      long now = steps.get();
      if (!busy || now != seenSteps) {
        seenSteps = now;
        still = 0;
      } else if (++still >= LOOKS) {
        failing.accept(reason());
      }
    } catch (RuntimeException | Error e) {
      // Anything thrown here would end the looks for good; the next one tries again.
      still = LOOKS - 1;
    }
  }

  private String reason() {
    String reason = failure;
    return reason != null
        ? reason
        : "the event log has not answered for " + limitMillis + " ms; is its disk hanging?";
  }

  /** The appender begins to use the engine. */
  void busy() {
    // A step of its own, so that the time counts from here.
    steps.incrementAndGet();
    busy = true;
  }

  /** The engine did what was asked. */
  void progress() {
    failure = null;
    steps.incrementAndGet();
  }

  /** The engine failed: this is the reason if it goes on. */
  void failed(String reason) {
    failure = reason;
  }

  /** The appender waits for events. */
  void idle() {
    busy = false;
  }

  @Override
  public void close() {
    looks.shutdownNow();
  }
}
