package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.testing.Http;
import io.samband.testing.Jcmd;
import io.samband.testing.LiveServer;
import io.samband.testing.OutsideModule;
import io.samband.testing.RawStream;
import io.samband.testing.ServerKind;
import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another module's timers sleep in every thread that the container has for timers: ours gets none. */
class TimerPoolIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir
  Path work;

  @Test
  void keepalivesAndEvictionsGoOnWithoutTheTimer() {
    try (LiveServer server = LiveServer.start(
        Map.of("samband.stream.keepalive-millis", "1000", "samband.stream.stall-millis", "3000"))) {
      server.deployBeside("sleepers", new OutsideModule(work).sleepersWar());
      int threads = ServerKind.PAYARA_MICRO.isCurrent() ? 16 : 10;
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofSeconds(2)) // each look starts a JVM
          .untilAsserted(() -> assertThat(sleepers(server)).isGreaterThanOrEqualTo(threads));

      try (RawStream idle = server.stream("api/sse");
          RawStream stalled =
              RawStream.open(server.base(), "api/sse?types=test", 4_096, "User-Agent", "stalled")) {
        stalled.next(frame -> frame.is("hello"));
        for (int i = 0; i < 5; i++) {
          idle.next(frame -> frame.is("keepalive"));
        }
        stalled.pause();
        Http http = server.http();
        String data = "\"" + "x".repeat(60_000) + "\"";
        await().atMost(PATIENCE).until(() -> {
          http.post("api/sse/events", "{\"type\":\"test\",\"data\":" + data + "}");
          return connections(http, "stalled") == 0;
        });
        assertThat(server.log()).contains("reason=stalled");
        assertThat(sleepers(server)).isGreaterThanOrEqualTo(threads);
      }
    }
  }

  private static long connections(Http http, String userAgent) {
    return http.get("api/sse/connections").json().asJsonArray().stream()
        .map(JsonObject.class::cast)
        .filter(connection -> connection.getString("userAgent", "").equals(userAgent))
        .count();
  }

  private static long sleepers(LiveServer server) {
    return Jcmd.run(server.pid(), "Thread.print")
        .lines()
        .filter(line -> line.contains("Sleepers.sleepForAMinute("))
        .count();
  }
}
