package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.samband.testing.DamagedFile;
import io.samband.testing.Frame;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.Log;
import io.samband.testing.RawStream;
import io.samband.testing.Rounds;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What becomes of a deployment whose log is in use, damaged, or an older copy. */
class LogFileIT {
  @Test
  void aLogInUseOrDamagedStopsTheDeploymentAndAnOlderCopyIsRecognised() throws IOException {
    Rounds.onceInABuild();
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
      String shared = Log.newest(server.http());
      server.undeploy();
      Path file = server.dataDir().resolve("samband.mv.db");
      byte[] copy = Files.readAllBytes(file);

      byte[] garbage = copy.clone();
      new Random(1).nextBytes(garbage);
      Files.write(file, garbage);
      assertThatThrownBy(server::deploy)
          .isInstanceOf(LiveServer.DeploymentFailed.class)
          .hasMessageContaining("is damaged; nothing was changed. Put a backup in its place");
      assertThat(Files.readAllBytes(file)).isEqualTo(garbage);

      Files.write(file, copy);
      server.deploy();
      publish(server.http(), 5);
      String future = Log.newest(server.http());
      server.undeploy();
      Files.write(file, copy);
      server.deploy();
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

  @Test
  void damagedEventsAreSaidEverywhereAndTheOthersAreServed() throws IOException {
    Rounds.onceInABuild();
    try (LiveServer server = LiveServer.start(Map.of())) {
      String start = Log.newest(server.http());
      for (int i = 1; i <= 300; i++) {
        publish(server.http(), "\"<" + i + ">" + "x".repeat(2_000) + "\"");
      }
      server.undeploy();
      DamagedFile.overwrite(server.dataDir().resolve("samband.mv.db"), "<150>", 300);
      server.deploy();

      List<String> stream = new ArrayList<>();
      try (RawStream replay = server.stream("api/sse", "Last-Event-ID", start)) {
        for (Frame frame = replay.next(); !frame.data().contains("<300>"); frame = replay.next()) {
          stream.add(frame.is("reset") ? "reset" : number(frame.data()));
        }
      }
      assertThat(stream).contains("1", "reset", "299").doesNotContain("150");
      assertThat(stream.indexOf("reset")).isEqualTo(stream.lastIndexOf("reset"));

      List<String> polled = new ArrayList<>();
      JsonObject page;
      String cursor = start;
      do {
        page = poll(server.http(), cursor);
        if (!page.isNull("reset")) {
          polled.add("reset");
        }
        for (var event : page.getJsonArray("events").getValuesAs(JsonObject.class)) {
          polled.add(number(event.toString()));
        }
        cursor = page.getString("lastEventId");
      } while (page.getBoolean("more"));
      assertThat(polled.subList(0, polled.size() - 1))
          .isEqualTo(stream.subList(stream.indexOf("1"), stream.size()));

      int unreadable = 301 - polled.size();
      JsonObject health = server.http().get("api/health/ready").json().asJsonObject();
      assertThat(health.getString("status")).isEqualTo("UP");
      assertThat(health.getInt("unreadable")).isEqualTo(unreadable);
      assertThat(server.http().get("api/metrics").body())
          .containsPattern("(?m)^samband_log_unreadable_total " + unreadable + "\\.0$");
      assertThat(server.log()).contains("events cannot be read, the file is damaged from=");
    }
  }

  private static String number(String data) {
    return data.replaceAll("(?s).*<(\\d+)>.*", "$1");
  }

  private static void publish(Http http, int events) {
    for (int i = 0; i < events; i++) {
      publish(http, "null");
    }
  }

  private static void publish(Http http, String data) {
    String event = "{\"type\":\"test\",\"data\":" + data + "}";
    assertThat(http.post("api/sse/events", event).status()).isEqualTo(202);
  }

  private static JsonObject poll(Http http, String after) {
    return http.get("api/sse/poll?after=" + after).json().asJsonObject();
  }
}
