package io.samband.log.h2;

import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The time by which events grow old: never goes back, and follows a clock that jumps forward at no more than 60 times the
 * speed of time. So a clock that is a year ahead for ten seconds makes events at most ten minutes older than they are.
 *
 * <p>Used by one thread.
 */
final class LogClock {
  private static final System.Logger LOG = System.getLogger(LogClock.class.getName());

  private static final int CATCH_UP = 60;
  private static final long JUMP_MILLIS = 5_000;

  private final LongSupplier wallMillis;
  private final LongSupplier nanos;
  private boolean started;
  private long time;
  private long lastNanos;
  private long lastWall;

  LogClock() {
    this(System::currentTimeMillis, System::nanoTime);
  }

  LogClock(LongSupplier wallMillis, LongSupplier nanos) {
    this.wallMillis = wallMillis;
    this.nanos = nanos;
  }

  /**
   * Begins with a log, or goes on with it after it was opened again.
   *
   * @param newestAppendedAt when the newest event was appended, 0 if there is none
   */
  void start(long newestAppendedAt) {
    long wall = wallMillis.getAsLong();
    if (!started) {
      started = true;
      time = newestAppendedAt == 0 ? wall : newestAppendedAt;
      lastNanos = nanos.getAsLong();
      lastWall = wall;
    }
    time = Math.max(time, newestAppendedAt);
  }

  /** Milliseconds since 1970, as this log counts them. */
  long now() {
    long wall = wallMillis.getAsLong();
    long nano = nanos.getAsLong();
    long elapsed = TimeUnit.NANOSECONDS.toMillis(nano - lastNanos);
    if (elapsed > 0 || wall != lastWall) {
      long jump = wall - lastWall - elapsed;
      if (Math.abs(jump) >= JUMP_MILLIS) {
        LOG.log(
            Level.WARNING,
            "[SSE] the clock of this machine jumped by millis={0,number,#}; the age of events follows it"
                + " slowly",
            jump);
      }
      time += Math.max(elapsed, Math.min(wall - time, elapsed * CATCH_UP));
      lastNanos += TimeUnit.MILLISECONDS.toNanos(elapsed);
      lastWall = wall;
    }
    return time;
  }
}
