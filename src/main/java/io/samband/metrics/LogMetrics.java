package io.samband.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.samband.log.EventLog;
import io.samband.log.LoggedEvent;
import io.samband.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** What the event log holds, and whether it works. */
final class LogMetrics implements MeterBinder {
  /** A type is a label, and whoever publishes over HTTP chooses it: each new label costs memory for good. */
  private static final int MAX_TYPES = 100;

  private final EventLog log;
  private final Settings settings;
  private final Map<String, Counter> byType = new ConcurrentHashMap<>();

  LogMetrics(EventLog log, Settings settings) {
    this.log = log;
    this.settings = settings;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    gauge(registry, "newest", "The newest offset", l -> l.state().newest());
    gauge(registry, "oldest", "The oldest offset that is kept", l -> l.state().oldest());
    gauge(registry, "ready", "1 while events are made durable", l -> l.health().isOk() ? 1 : 0);
    gauge(registry, "pending", "Events that wait in memory", l -> l.health().pending());
    gauge(
        registry,
        "pending.seconds",
        "For how long the oldest of them has waited",
        l -> l.health().waitingMillis() / 1e3);
    gauge(
        registry,
        "failing.seconds",
        "For how long events have not been made durable",
        l -> l.health().sinceMillis() / 1e3);
    Gauge.builder("samband.log.file.bytes", settings, LogMetrics::fileBytes)
        .description("Size of the log on disk")
        .register(registry);
    counter(
        registry,
        "lost",
        "Events that overflowed while the log failed",
        l -> l.health().lost());
    counter(
        registry,
        "unreadable",
        "Stored events that were found damaged",
        l -> l.health().unreadable());
    // Counted where it happens. Made here, so that the series is there before the first failure.
    Metrics.counter("samband.log.append.failures");
    log.follow((events, newest) -> events.forEach(event -> count(registry, event)));
  }

  private void count(MeterRegistry registry, LoggedEvent event) {
    Counter counter = byType.get(event.type());
    if (counter == null) {
      String label = byType.size() < MAX_TYPES ? event.type() : "other";
      counter = byType.computeIfAbsent(
          label,
          type -> Counter.builder("samband.events")
              .description("Events appended to the log")
              .tag("type", type)
              .register(registry));
    }
    counter.increment();
  }

  private void gauge(
      MeterRegistry registry, String name, String description, ToDoubleFunction<EventLog> value) {
    Gauge.builder("samband.log." + name, log, value).description(description).register(registry);
  }

  private void counter(
      MeterRegistry registry, String name, String description, ToDoubleFunction<EventLog> value) {
    FunctionCounter.builder("samband.log." + name, log, value)
        .description(description)
        .register(registry);
  }

  private static double fileBytes(Settings settings) {
    try (Stream<Path> files = Files.list(settings.dataDir())) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      return Double.NaN; // The directory is gone: other metrics and the health say so.
    }
  }
}
