package io.samband.stream.fanout;

import java.util.concurrent.TimeUnit;

/**
 * When a worker's next pass over its idle subscribers is due: when there may be something new, and as much time has passed
 * since the last pass as that took. Events that come faster wait for each other, and the next pass brings more to each
 * subscriber for the same system call (ADR 3).
 *
 * <p>All times are of {@link System#nanoTime}. Not thread-safe: it belongs to one {@link FanOutWorker}.
 */
final class Pacing {
  /** Events must arrive within a second, so the pause between passes is bounded. */
  static final long MAX_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private boolean wanted;
  private long restUntilNanos;

  Pacing(long now) {
    restUntilNanos = now;
  }

  /** There may be something new. */
  void want() {
    wanted = true;
  }

  /** Whether to pass now. */
  boolean isDue(long now) {
    return wanted && now - restUntilNanos >= 0;
  }

  /** A pass was made, and everything that was there when it began is delivered. */
  void passed(long begun, long ended) {
    wanted = false;
    restUntilNanos = ended + Math.min(ended - begun, MAX_REST_NANOS);
  }

  /** Whether a pass will be due although nothing more comes: the worker must wake for it. */
  boolean isWaiting() {
    return wanted;
  }

  /** How long until then; 0 or less when it is due. */
  long waitNanos(long now) {
    return restUntilNanos - now;
  }
}
