package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What becomes of a deployment whose log is in use, damaged, or an older copy. */
class LogFileIT {
  @Test
  void aLogInUseOrDamagedStopsTheDeploymentAndAnOlderCopyIsRecognised() throws IOException {
    try (LiveServer server = LiveServer.start(Map.of())) {
      assertThatThrownBy(() -> LiveServer.start(Map.of(
                  "samband.data.dir",
                  server.dataDir().toString(),
                  "samband.data.wait-millis",
                  "1000"))
              .close())
          .isInstanceOf(LiveServer.DeploymentFailed.class)
          .hasMessageContaining("is in use by another process; stop that one")
          .hasMessageContaining("samband.data.dir");
      publish(server.http(), 3);
      String shared = newest(server.http());
      server.stop();
      Path file = server.dataDir().resolve("samband.mv.db");
      byte[] copy = Files.readAllBytes(file);

      byte[] garbage = copy.clone();
      new Random(1).nextBytes(garbage);
      Files.write(file, garbage);
      assertThatThrownBy(server::restart)
          .isInstanceOf(LiveServer.DeploymentFailed.class)
          .hasMessageContaining("is damaged; nothing was changed. Put a backup in its place");
      assertThat(Files.readAllBytes(file)).isEqualTo(garbage);
      if (server.isRunning()) {
        server.kill9();
      }

      Files.write(file, copy);
      server.restart();
      publish(server.http(), 5);
      String future = newest(server.http());
      server.stop();
      Files.write(file, copy);
      server.restart();
      publish(server.http(), 9);

      JsonObject known = poll(server.http(), shared);
      assertThat(known.getString("replay")).isEqualTo("complete");
      assertThat(known.getJsonArray("events")).hasSize(9);
      JsonObject unknown = poll(server.http(), future);
      assertThat(unknown.getString("replay")).isEqualTo("incomplete");
      assertThat(unknown.getJsonObject("reset").getString("reason")).isEqualTo("unknown_epoch");
      assertThat(unknown.getJsonArray("events")).hasSize(12);
    }
  }

  private static void publish(Http http, int events) {
    for (int i = 0; i < events; i++) {
      assertThat(
              http.post("api/sse/events", "{\"type\":\"test\",\"data\":null}").status())
          .isEqualTo(202);
    }
  }

  private static String newest(Http http) {
    return http.get("api/sse/poll").json().asJsonObject().getString("lastEventId");
  }

  private static JsonObject poll(Http http, String after) {
    return http.get("api/sse/poll?after=" + after).json().asJsonObject();
  }
}
