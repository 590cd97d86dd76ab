package io.samband.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.samband.log.EventLog;
import io.samband.log.SharedLogFigures;
import java.util.function.ToDoubleFunction;

/** How this node gets on with the server of a log that several nodes share. Binds nothing if the log is not shared. */
final class SharedLogMetrics implements MeterBinder {
  private final EventLog log;

  SharedLogMetrics(EventLog log) {
    this.log = log;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    log.shared().ifPresent(first -> bind(registry, first));
  }

  private void bind(MeterRegistry registry, SharedLogFigures first) {
    gauge(
        registry,
        "answer.seconds",
        "Time since the server has confirmed where the log stands",
        figures -> figures.unconfirmedMillis() / 1e3);
    gauge(
        registry,
        "stale",
        "1 while the server does not answer",
        figures -> figures.isStale() ? 1 : 0);
    gauge(
        registry,
        "behind",
        "Events in the log that this node has not passed on yet",
        SharedLogFigures::behind);
    if (first.unacknowledged().isPresent()) {
      gauge(
          registry,
          "unacknowledged",
          "Stored events that too few replicas have, so that nobody gets them",
          figures -> figures.unacknowledged().orElse(0));
    }
    counter(registry, "epochs", "Epochs that have begun", SharedLogFigures::epochs);
    counter(
        registry,
        "fenced",
        "Appends refused because another epoch had begun",
        SharedLogFigures::fenced);
    counter(
        registry,
        "repeats",
        "Batches sent again that had been stored the first time",
        SharedLogFigures::repeats);
    counter(
        registry, "reconnects", "How often the log was opened again", SharedLogFigures::reconnects);
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      String description,
      ToDoubleFunction<SharedLogFigures> value) {
    Gauge.builder("samband.log.shared." + name, log, from -> now(from, value))
        .description(description)
        .register(registry);
  }

  private void counter(
      MeterRegistry registry,
      String name,
      String description,
      ToDoubleFunction<SharedLogFigures> value) {
    FunctionCounter.builder("samband.log.shared." + name, log, from -> now(from, value))
        .description(description)
        .register(registry);
  }

  private static double now(EventLog log, ToDoubleFunction<SharedLogFigures> value) {
    return log.shared().map(value::applyAsDouble).orElse(Double.NaN);
  }
}
