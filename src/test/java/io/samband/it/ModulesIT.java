package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.samband.testing.Frame;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.Log;
import io.samband.testing.OutsideModule;
import io.samband.testing.RawStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ways 2 and 3 in {@code docs/modules.md} by which another team's module gets its events pushed. */
class ModulesIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static LiveServer server;

  @TempDir
  Path work;

  @BeforeAll
  static void start() {
    server = LiveServer.start(Map.of());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void anEarWithTheEventJarInItsLibraryCarriesEventsFromOneWarToTheOther() {
    assumeFalse(
        "payara".equals(System.getProperty("samband.it.server")),
        "Payara Micro takes no EAR: \"Archive type was not recognized\"");
    server.undeploy();
    server.deploy(new OutsideModule(work).ear());
    pushes("desk/weather?text=Kuling");
    server.undeploy();
    server.deploy();
  }

  @Test
  void anotherDeploymentPostsAndARepeatIsTheSameEvent() {
    server.deployBeside("poster", new OutsideModule(work).posterWar());
    String before = Log.newest(server.http());
    pushes("poster/warn?text=Kuling&samband=" + server.base());
    assertThat(Log.after(server.http(), before)).hasSize(1);
  }

  private static void pushes(String call) {
    Http http = server.http();
    await().atMost(LIMIT).until(() -> {
      try {
        return http.get("api/health/ready").status() == 200;
      } catch (UncheckedIOException e) {
        return false;
      }
    });
    try (RawStream stream = server.stream("api/sse")) {
      stream.next();
      assertThat(http.send("POST", call, null).status()).isEqualTo(204);
      Frame event = stream.nextEvent();
      assertThat(event.data())
          .startsWith("{\"type\":\"weather_warning\",\"data\":{\"text\":\"Kuling\"}");
    }
  }
}
