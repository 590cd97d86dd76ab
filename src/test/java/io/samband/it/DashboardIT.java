package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.samband.testing.LiveServer;
import io.samband.testing.PrometheusServer;
import io.samband.testing.RawStream;
import io.samband.testing.Rounds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every panel of the dashboard, asked of a Prometheus that reads a server. */
class DashboardIT {
  private final LiveServer server = LiveServer.shared();

  @TempDir
  private Path temp;

  @BeforeAll
  static void once() {
    Rounds.onceInABuild();
  }

  @Test
  void everyPanelShowsWhatTheServerAnswers() throws Exception {
    List<String> expressions = expressions();
    assertThat(expressions).hasSizeGreaterThan(30);
    try (PrometheusServer prometheus = PrometheusServer.of(server.base(), temp);
        RawStream stream = server.stream("api/sse")) {
      assertThat(stream.status()).isEqualTo(200);
      // A rate needs two samples, and a quantile needs something between them.
      await().atMost(Duration.ofSeconds(60)).ignoreExceptions().untilAsserted(() -> {
        server.http().post("api/sse/test", "");
        List<String> empty = new ArrayList<>(expressions);
        empty.removeIf(expression -> !prometheus.query(expression).isEmpty());
        assertThat(empty).isEmpty();
      });
    }
  }

  /** All that this server can answer: it has neither an outbox nor a shared log. */
  private static List<String> expressions() throws Exception {
    List<String> expressions = new ArrayList<>();
    var dashboard = JsonParser.parseString(
            Files.readString(Path.of("server-config/grafana/samband.json")))
        .getAsJsonObject();
    for (JsonElement panel : dashboard.getAsJsonArray("panels")) {
      if (!panel.getAsJsonObject().has("targets")) {
        continue;
      }
      for (JsonElement target : panel.getAsJsonObject().getAsJsonArray("targets")) {
        expressions.add(target
            .getAsJsonObject()
            .get("expr")
            .getAsString()
            .replace("$__rate_interval", "1m")
            .replace("$instance", ".*"));
      }
    }
    expressions.removeIf(expression ->
        expression.contains("samband_log_shared_") || expression.contains("samband_outbox_"));
    return expressions;
  }
}
