package io.samband.stream;

import io.micrometer.core.instrument.Timer;
import io.samband.log.LatencyTimer;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/** What one worker counts: plain fields of its thread, added to once per batch and not per delivery. */
final class WorkerCounters {
  private static final Timer DELIVERY = LatencyTimer.of(
      "samband.delivery",
      "From the append of an event until the last idle subscriber was written to");

  private long events;
  private long bytes;
  long pages;
  long keepalives;

  void written(Batch batch, int subscribers) {
    events += (long) batch.events() * subscribers;
    bytes += (long) batch.bytes().length * subscribers;
  }

  void delivered(long nanos) {
    DELIVERY.record(nanos, TimeUnit.NANOSECONDS);
  }

  Census census(Collection<Subscriber> subscribers, ToLongFunction<Subscriber> lag) {
    Map<String, Integer> byState = Census.nobody();
    long maxLag = 0;
    for (Subscriber subscriber : subscribers) {
      byState.merge(Census.name(subscriber.state), 1, Integer::sum);
      maxLag = Math.max(maxLag, lag.applyAsLong(subscriber));
    }
    return new Census(events, bytes, pages, keepalives, byState, maxLag);
  }
}
