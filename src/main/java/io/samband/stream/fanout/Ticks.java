package io.samband.stream.fanout;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * When a worker's next tick is due: when the timer of the container asks for one, or, if it asks for none, by itself. The
 * container's timer follows the wall clock and shares its threads with other modules, so it may be late by an hour (ADR 17).
 *
 * <p>All times are of {@link System#nanoTime}. {@link #request} may be called by any thread, the rest belongs to one worker.
 */
final class Ticks {
  /** Containers may make up for the ticks that they missed: those come faster than this and are left out. */
  static final long MIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** The container's timer asks every second; a tick that is later than this comes without it. */
  static final Duration LIMIT = Duration.ofMillis(1_500);

  private final long limitNanos;
  private volatile boolean requested;
  private long lastNanos;

  Ticks(long now, Duration limit) {
    lastNanos = now;
    limitNanos = limit.toNanos();
  }

  void request() {
    requested = true;
  }

  /** Whether to tick now; if so, this tick counts as done. */
  boolean take(long now) {
    long passed = now - lastNanos;
    boolean due = passed >= limitNanos || (requested && passed >= MIN_NANOS);
    requested = false;
    if (due) {
      lastNanos = now;
    }
    return due;
  }

  /** How long until a tick is due although none was requested; 0 or less when it is. */
  long waitNanos(long now) {
    return lastNanos + limitNanos - now;
  }
}
