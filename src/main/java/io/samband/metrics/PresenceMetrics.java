package io.samband.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.samband.presence.Presence;

/** Whether the nodes know each other. */
final class PresenceMetrics implements MeterBinder {
  private final Presence presence;

  PresenceMetrics(Presence presence) {
    this.presence = presence;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("samband.nodes.alive", presence, Presence::nodesAlive)
        .description("Nodes with a lease, this one included, when they were last looked at")
        .register(registry);
    Gauge.builder("samband.presence.age.seconds", presence, Presence::ageSeconds)
        .description("Time since the other nodes were looked at, about 1 while all is well")
        .register(registry);
    // Counted where it happens. Made here, so that the series is there before the first one.
    Metrics.counter("samband.presence.changes");
  }
}
