package io.samband.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.samband.stream.EventLogBroadcaster;
import io.samband.stream.fanout.DeliveryStats;
import io.samband.stream.fanout.EndReason;
import java.util.function.ToDoubleFunction;

/** What was delivered, and to how many streams. */
final class StreamMetrics implements MeterBinder {
  private final EventLogBroadcaster broadcaster;
  private volatile DeliveryStats stats = DeliveryStats.NONE;

  StreamMetrics(EventLogBroadcaster broadcaster) {
    this.broadcaster = broadcaster;
  }

  /** Asks the workers. If one does not answer, the values stay as they were. */
  void refresh() {
    broadcaster.stats().ifPresent(now -> stats = now);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    for (String state : stats.byState().keySet()) {
      Gauge.builder("samband.subscribers", this, s -> s.stats.byState().get(state))
          .description("Open streams by state")
          .tag("state", state)
          .register(registry);
    }
    Gauge.builder("samband.subscribers.lag.max", this, s -> s.stats.maxLag())
        .description("Events that the subscriber furthest behind has not been given")
        .register(registry);
    Gauge.builder("samband.workers.ready", broadcaster, b -> b.problem().isEmpty() ? 1 : 0)
        .description("1 while all delivery threads make progress")
        .register(registry);
    for (EndReason reason : EndReason.values()) {
      FunctionCounter.builder("samband.streams.ended", broadcaster, b -> b.ended(reason))
          .description("Streams that have ended, by reason")
          .tag("reason", reason.wireName())
          .register(registry);
    }
    // Counted where it happens. Made here, so that the series is there before the first refusal.
    Metrics.counter("samband.streams.refused");
    Metrics.counter("samband.requests.refused", "status", "401");
    Metrics.counter("samband.requests.refused", "status", "403");
    counter(
        registry, "delivered.events", "Events written, over all streams", DeliveryStats::events);
    counter(registry, "delivered.bytes", "Bytes of those events", DeliveryStats::bytes);
    counter(
        registry,
        "replay.pages",
        "Pages of the log read for subscribers behind the ring",
        DeliveryStats::pages);
    counter(registry, "keepalives", "Keepalives written", DeliveryStats::keepalives);
  }

  private void counter(
      MeterRegistry registry,
      String name,
      String description,
      ToDoubleFunction<DeliveryStats> value) {
    FunctionCounter.builder("samband." + name, this, s -> value.applyAsDouble(s.stats))
        .description(description)
        .register(registry);
  }
}
