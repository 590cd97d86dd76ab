package io.samband.stream.fanout;

import java.util.concurrent.atomic.AtomicLong;

/**
 * When a thread last got ahead with its work. One thread writes, any thread reads; writing costs no memory barrier, because
 * reading a moment late does no harm.
 */
final class Progress {
  private final AtomicLong lastNanos = new AtomicLong(System.nanoTime());

  void made() {
    lastNanos.lazySet(System.nanoTime());
  }

  /** For how long there was none, at a time of {@link System#nanoTime}. */
  long noneForNanos(long now) {
    return Math.max(0, now - lastNanos.get());
  }
}
