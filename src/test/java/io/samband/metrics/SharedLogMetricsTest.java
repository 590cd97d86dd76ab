package io.samband.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.samband.log.EventLog;
import io.samband.log.SharedLogFigures;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SharedLogMetricsTest {
  private final AtomicReference<SharedLogFigures> figures = new AtomicReference<>();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  private final EventLog log = (EventLog) Proxy.newProxyInstance(
      EventLog.class.getClassLoader(),
      new Class<?>[] {EventLog.class},
      (self, method, arguments) -> {
        assertThat(method.getName()).isEqualTo("shared");
        return Optional.ofNullable(figures.get());
      });

  @Test
  void theFiguresAreThoseOfTheMomentOfTheScrape() {
    figures.set(new SharedLogFigures(0, 0, OptionalLong.of(0), 0, 0, 0, 0));
    new SharedLogMetrics(log).bindTo(registry);
    assertThat(registry.scrape()).contains("\nsamband_log_shared_stale 0.0\n");

    figures.set(new SharedLogFigures(3_500, 2, OptionalLong.of(3), 4, 5, 6, 7));
    assertThat(registry.scrape().lines().filter(line -> !line.startsWith("#")))
        .containsExactlyInAnyOrder(
            "samband_log_shared_answer_seconds 3.5",
            "samband_log_shared_stale 1.0",
            "samband_log_shared_behind 2.0",
            "samband_log_shared_unacknowledged 3.0",
            "samband_log_shared_epochs_total 4.0",
            "samband_log_shared_fenced_total 5.0",
            "samband_log_shared_repeats_total 6.0",
            "samband_log_shared_reconnects_total 7.0");
  }

  @Test
  void anEngineWithoutReplicasHasNoFigureOfThem() {
    figures.set(new SharedLogFigures(0, 0, OptionalLong.empty(), 0, 0, 0, 0));
    new SharedLogMetrics(log).bindTo(registry);
    assertThat(registry.scrape())
        .contains("samband_log_shared_behind")
        .doesNotContain("unacknowledged");
  }

  @Test
  void aLogThatIsNotSharedHasNoneOfThem() {
    new SharedLogMetrics(log).bindTo(registry);
    assertThat(registry.scrape()).isEmpty();
  }
}
