package io.samband.stream.fanout;

import io.micrometer.core.instrument.Timer;
import io.samband.log.LatencyTimer;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What one worker counts: plain fields of its thread. */
final class WorkerCounters {
  private static final Timer DELIVERY = LatencyTimer.of(
      "samband.delivery",
      "From the append of an event until the last idle subscriber was written to");

  private long events;
  private long bytes;
  long pages;
  long keepalives;

  void written(Batch batch) {
    events += batch.events();
    bytes += batch.bytes().length;
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
