package io.samband.concurrent;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** The delays between attempts: each is twice the one before, up to a limit. Not thread-safe. */
public final class Backoff {
  private final long firstMillis;
  private final long lastMillis;
  private long nextMillis;

  public Backoff(Duration first, Duration last) {
    this.firstMillis = first.toMillis();
    this.lastMillis = last.toMillis();
    this.nextMillis = firstMillis;
  }

  /** How long to wait before the next attempt. */
  public long nextMillis() {
    long millis = nextMillis;
    nextMillis = Math.min(millis * 2, lastMillis);
    return millis;
  }

  /** As {@link #nextMillis}, but any time up to that, at random: so that many nodes do not try again at the same time. */
  public long nextRandomMillis() {
    return ThreadLocalRandom.current().nextLong(nextMillis() + 1);
  }

  /** An attempt succeeded: the next delay is the first again. */
  public void reset() {
    nextMillis = firstMillis;
  }
}
