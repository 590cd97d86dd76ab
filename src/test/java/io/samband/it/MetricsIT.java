package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.stream.fanout.EndReason;
import io.samband.testing.Fleet;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.Log;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The figures: the same on every server, and true. */
class MetricsIT {
  private static final Pattern SAMPLE = Pattern.compile("(?m)^([a-z][^ ]*) (\\S+)$");

  private final LiveServer server = LiveServer.shared();

  @Test
  void whatIsPublishedAndDeliveredIsCounted() {
    String type = "metrics_" + ProcessHandle.current().pid();
    String before = Log.newest(server.http());
    try (Fleet fleet = Fleet.of(server.base())) {
      fleet.add(20);
      fleet.awaitOpen(Duration.ofSeconds(20));
      Map<String, Double> start = scrape();
      for (int i = 0; i < 7; i++) {
        server.http().post("api/sse/events", "{\"type\":\"" + type + "\",\"data\":" + i + "}");
      }
      String after = Log.newest(server.http());
      fleet.awaitCursor(offset(after), Duration.ofSeconds(10));
      Map<String, Double> end = scrape();

      assertThat(end).containsEntry("samband_events_total{type=\"" + type + "\"}", 7.0);
      long events = offset(after) - offset(before);
      assertThat(grown("samband_log_append_seconds_count", start, end))
          .isBetween(7.0, (double) events);
      assertThat(grown("samband_delivered_events_total", start, end)).isGreaterThanOrEqualTo(140);
      assertThat(grown("samband_delivered_bytes_total", start, end)).isGreaterThan(140 * 80);
      assertThat(grown("samband_delivery_seconds_count", start, end)).isGreaterThanOrEqualTo(1);
      assertThat(end.get("samband_subscribers{state=\"idle\"}")).isGreaterThanOrEqualTo(20);
      assertThat(end).containsEntry("samband_log_ready", 1.0);
      assertThat(end.get("samband_log_newest")).isGreaterThanOrEqualTo((double) offset(after));
      assertThat(end.get("process_files_open")).isGreaterThan(20);
    }
    // Clients that are gone are found by the next keepalive, and counted by reason.
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> scrape().getOrDefault("samband_streams_ended_total{reason=\"gone\"}", 0.0) > 0);
  }

  @Test
  void everyFigureThatTheManualNamesIsThere() throws Exception {
    server.stream("api/sse").close();
    server.http().post("api/sse/test", "");
    Http.Answer answer = server.http().get("api/metrics");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).startsWith("text/plain");
    for (EndReason reason : EndReason.values()) {
      assertThat(answer.body()).contains("ended_total{reason=\"" + reason.wireName() + "\"}");
    }
    Set<String> named = new TreeSet<>();
    Matcher name = Pattern.compile("`((?:samband|process|jvm)_[a-z_]+)")
        .matcher(Files.readString(Path.of("docs/operations.md")));
    while (name.find()) {
      named.add(name.group(1));
    }
    // This server has neither an outbox nor a shared log, and no figures of them; OutboxIT and
    // ClusterScenarios see those.
    named.removeIf(figure -> figure.startsWith("samband_outbox_"));
    named.removeIf(figure -> figure.startsWith("samband_log_shared_"));
    assertThat(named).hasSizeGreaterThan(10);
    assertThat(named).allSatisfy(figure -> assertThat(answer.body()).contains("\n" + figure));
    // And the other way round: what nothing explains, helps in no incident.
    Matcher series =
        Pattern.compile("(?m)^# TYPE (samband_\\w+?)(?:_max)? \\w+$").matcher(answer.body());
    while (series.find()) {
      assertThat(named).as("docs/operations.md").anyMatch(series.group(1)::startsWith);
    }
  }

  private static double grown(String figure, Map<String, Double> start, Map<String, Double> end) {
    return end.get(figure) - start.getOrDefault(figure, 0.0);
  }

  private static long offset(String id) {
    return Long.parseLong(id.substring(id.indexOf('-') + 1));
  }

  private Map<String, Double> scrape() {
    Map<String, Double> samples = new TreeMap<>();
    Matcher sample = SAMPLE.matcher(server.http().get("api/metrics").body());
    while (sample.find()) {
      samples.put(sample.group(1), Double.valueOf(sample.group(2)));
    }
    return samples;
  }
}
