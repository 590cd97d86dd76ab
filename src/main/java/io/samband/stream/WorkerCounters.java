package io.samband.stream;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/** What one worker counts: plain fields of its thread, added to once per batch and not per delivery. */
final class WorkerCounters {
  private static final Timer DELIVERY = Timer.builder("samband.delivery")
      .description("From the append of an event until the last idle subscriber was written to")
      .serviceLevelObjectives(
          Duration.ofMillis(1),
          Duration.ofMillis(2),
          Duration.ofMillis(5),
          Duration.ofMillis(10),
          Duration.ofMillis(20),
          Duration.ofMillis(50),
          Duration.ofMillis(100),
          Duration.ofMillis(200),
          Duration.ofMillis(500),
          Duration.ofSeconds(1),
          Duration.ofSeconds(5))
      .register(Metrics.globalRegistry);

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
