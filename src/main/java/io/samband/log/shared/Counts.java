package io.samband.log.shared;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What has happened between a node and the server of its log, for those who watch it. Thread-safe. */
final class Counts {
  private final AtomicLong confirmedNanos = new AtomicLong(System.nanoTime());
  final AtomicLong fenced = new AtomicLong();
  final AtomicLong repeats = new AtomicLong();
  final AtomicLong reconnects = new AtomicLong();

  /**
   * The server has said where the log stands.
   *
   * @param askedNanos when it was asked: what it has said is at least as new
   */
  void confirmed(long askedNanos) {
    confirmedNanos.accumulateAndGet(askedNanos, (before, now) -> now - before > 0 ? now : before);
  }

  /** For how long it has not, in ms. */
  long unconfirmedMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - confirmedNanos.get());
  }
}
