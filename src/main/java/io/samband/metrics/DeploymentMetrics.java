package io.samband.metrics;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.samband.log.EventLog;
import io.samband.outbox.Outbox;
import io.samband.presence.Presence;
import io.samband.settings.Settings;
import io.samband.stream.EventLogBroadcaster;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** All metrics of this deployment. Any thread may scrape. */
@ApplicationScoped
public class DeploymentMetrics {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  // Micrometer holds what it measures weakly: these fields keep it.
  private LogMetrics ofLog;
  private SharedLogMetrics ofSharedLog;
  private StreamMetrics ofStreams;
  private OutboxMetrics ofOutbox;
  private PresenceMetrics ofPresence;

  @Inject
  private EventLog log;

  @Inject
  private EventLogBroadcaster broadcaster;

  @Inject
  private Outbox outbox;

  @Inject
  private Presence presence;

  @Inject
  private Settings settings;

  @PostConstruct
  void register() {
    // Other packages write to Micrometer's global registry. It belongs to this deployment alone,
    // because the WAR carries the library.
    Metrics.addRegistry(registry);
    ofLog = new LogMetrics(log, settings);
    ofLog.bindTo(registry);
    ofSharedLog = new SharedLogMetrics(log);
    ofSharedLog.bindTo(registry);
    ofStreams = new StreamMetrics(broadcaster);
    ofStreams.bindTo(registry);
    if (outbox.isOn()) {
      ofOutbox = new OutboxMetrics(outbox);
      ofOutbox.bindTo(registry);
    }
    ofPresence = new PresenceMetrics(presence);
    ofPresence.bindTo(registry);
    new ProcessMetrics().bindTo(registry);
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

  /** Everything, in the Prometheus text format. Waits for a few seconds at most. */
  public String scrape() {
    ofStreams.refresh();
    return registry.scrape();
  }
}
