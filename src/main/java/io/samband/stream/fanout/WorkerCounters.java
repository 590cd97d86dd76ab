package io.samband.stream.fanout;

import io.micrometer.core.instrument.Timer;
import io.samband.log.LatencyTimer;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What one worker counts: plain fields of its thread, added to once per batch and not once per delivery. */
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

  DeliveryStats stats(Collection<Subscriber> subscribers, long newest) {
    Map<String, Integer> byState = DeliveryStats.noSubscribers();
    long oldestCursor = newest;
    for (Subscriber subscriber : subscribers) {
      byState.merge(subscriber.state.wireName(), 1, Integer::sum);
      oldestCursor = Math.min(oldestCursor, subscriber.currentCursor());
    }
    return new DeliveryStats(events, bytes, pages, keepalives, byState, newest - oldestCursor);
  }
}
