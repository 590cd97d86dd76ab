package io.samband.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.samband.outbox.Outbox;
import io.samband.outbox.OutboxHealth;
import java.util.function.ToDoubleFunction;

/** What waits in the outbox, and whether it is relayed. */
final class OutboxMetrics implements MeterBinder {
  private final Outbox outbox;

  OutboxMetrics(Outbox outbox) {
    this.outbox = outbox;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    gauge(
        registry, "backlog", "Committed events that are not in the log yet", OutboxHealth::backlog);
    gauge(registry, "oldest.seconds", "Age of the oldest of them", OutboxHealth::oldestSeconds);
    gauge(
        registry,
        "look.seconds",
        "Time since the table was looked at, about 1 while all is well",
        OutboxHealth::lookSeconds);
    // Counted where it happens. Made here, so that the series are there before the first one.
    Metrics.counter("samband.outbox.relayed");
    Metrics.counter("samband.outbox.bypassed");
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      String description,
      ToDoubleFunction<OutboxHealth> value) {
    Gauge.builder("samband.outbox." + name, outbox, from -> value(from, value))
        .description(description)
        .register(registry);
  }

  private static double value(Outbox outbox, ToDoubleFunction<OutboxHealth> value) {
    OutboxHealth health = outbox.health();
    return health == null ? Double.NaN : value.applyAsDouble(health);
  }
}
