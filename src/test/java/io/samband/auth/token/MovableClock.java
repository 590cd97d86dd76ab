package io.samband.auth.token;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Stands still until it is moved. Any thread may read it. */
final class MovableClock extends Clock {
  private volatile Instant now = Instant.now();

  @SuppressWarnings("NonAtomicVolatileUpdate") // only the test itself moves it
  void advance(Duration duration) {
    now = now.plus(duration);
  }

  void set(Instant time) {
    now = time;
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException();
  }
}
