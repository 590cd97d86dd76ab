package io.samband.status;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.samband.log.EventLog;
import io.samband.log.LoggedEvent;
import io.samband.settings.Settings;
import io.samband.stream.EventLogBroadcaster;
import io.samband.stream.fanout.DeliveryStats;
import io.samband.stream.fanout.EndReason;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * All figures of this deployment. Those of the workers are asked for when somebody looks, so that delivering pays nothing
 * for being measured.
 */
@ApplicationScoped
public class Figures {
  /** A type is a label, and who publishes over HTTP chooses it: each new one costs memory for good. */
  private static final int MAX_TYPES = 100;

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<String, Counter> byType = new ConcurrentHashMap<>();
  private volatile DeliveryStats delivery;

  @Inject
  private EventLog log;

  @Inject
  private EventLogBroadcaster broadcaster;

  @Inject
  private Settings settings;

  @PostConstruct
  void register() {
    // What the log and the streams count goes through Micrometer's global registry: one of this
    // deployment's own, because the WAR carries the library.
    Metrics.addRegistry(registry);
    ofLog(registry);
    ofStreams(registry);
    ofProcess(registry);
    log.follow((events, newest) -> events.forEach(this::count));
  }

  @PreDestroy
  void close() {
    Metrics.removeRegistry(registry);
    registry.close();
  }

  /** Makes this bean, so that it counts from the first event on. */
  public void start() {
    scrape();
  }

  /** Everything, in the Prometheus text format. */
  public String scrape() {
    broadcaster.stats().ifPresent(now -> delivery = now);
    return registry.scrape();
  }

  private void count(LoggedEvent event) {
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

  private void ofLog(MeterRegistry to) {
    gauge(to, "samband.log.newest", "The newest offset", log, l -> l.state().newest());
    gauge(
        to,
        "samband.log.oldest",
        "The oldest offset that is kept",
        log,
        l -> l.state().oldest());
    gauge(
        to,
        "samband.log.ready",
        "1 while events are being made durable",
        log,
        l -> l.health().isOk() ? 1 : 0);
    gauge(
        to,
        "samband.log.pending",
        "Events that wait in memory",
        log,
        l -> l.health().pending());
    // Micrometer holds what it measures weakly: only what this bean holds is still there later.
    gauge(to, "samband.log.file.bytes", "Size of the log on disk", settings, Figures::bytes);
    FunctionCounter.builder("samband.log.lost", log, l -> l.health().lost())
        .description("Events that overflowed while the log failed")
        .register(to);
  }

  private void ofStreams(MeterRegistry to) {
    delivery = broadcaster.stats().orElse(DeliveryStats.NONE);
    for (String state : delivery.byState().keySet()) {
      Gauge.builder("samband.subscribers", this, f -> f.delivery.byState().get(state))
          .description("Open streams by state")
          .tag("state", state)
          .register(to);
    }
    gauge(
        to,
        "samband.subscribers.lag.max",
        "Events that the subscriber furthest behind lacks",
        this,
        f -> f.delivery.maxLag());
    for (EndReason reason : EndReason.values()) {
      FunctionCounter.builder("samband.streams.ended", broadcaster, b -> b.ended(reason))
          .tag("reason", reason.wireName())
          .register(to);
    }
    // Counted where it happens; made here, so that they are there before the first time.
    Metrics.counter("samband.streams.refused");
    Metrics.counter("samband.log.append.failures");
    counter(
        to,
        "samband.delivered.events",
        "Events written, over all streams",
        f -> f.delivery.events());
    counter(to, "samband.delivered.bytes", "Bytes of those events", f -> f.delivery.bytes());
    counter(
        to,
        "samband.replay.pages",
        "Pages read from disk for those behind",
        f -> f.delivery.pages());
    counter(to, "samband.keepalives", "Keepalives written", f -> f.delivery.keepalives());
  }

  // They hold nothing that needs closing: those that do, listen to the garbage collector.
  private void ofProcess(MeterRegistry to) {
    new JvmMemoryMetrics().bindTo(to);
    new JvmThreadMetrics().bindTo(to);
    // Asked by name: one of the containers hides the class that Micrometer's own binder needs.
    gauge(to, "process.files.open", "Open file descriptors", this, f -> f.ofSystem("Open"));
    gauge(to, "process.files.max", "Most file descriptors", this, f -> f.ofSystem("Max"));
    new UptimeMetrics().bindTo(to);
  }

  private double ofSystem(String prefix) {
    try {
      Object count = ManagementFactory.getPlatformMBeanServer()
          .getAttribute(
              new ObjectName(ManagementFactory.OPERATING_SYSTEM_MXBEAN_NAME),
              prefix + "FileDescriptorCount");
      return ((Number) count).doubleValue();
    } catch (JMException e) {
      return Double.NaN; // This system does not count them.
    }
  }

  private static <T> void gauge(
      MeterRegistry to, String name, String description, T of, ToDoubleFunction<T> value) {
    Gauge.builder(name, of, value).description(description).register(to);
  }

  private void counter(
      MeterRegistry to, String name, String description, ToDoubleFunction<Figures> value) {
    FunctionCounter.builder(name, this, value).description(description).register(to);
  }

  private static double bytes(Settings settings) {
    try (Stream<Path> files = Files.list(settings.dataDir())) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
