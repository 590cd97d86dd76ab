package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import io.samband.testing.Rounds;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A server whose standard output is a pipe that nothing reads: every thread that prints blocks. */
class BlockedOutputIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** With about 200 bytes a line, several times what a pipe holds (64 KiB). */
  private static final int VISITORS = 600;

  @Test
  void streamsGoOnAndNothingThatWasToBeLoggedIsLost() {
    Rounds.onceInABuild();
    try (LiveServer server = LiveServer.startPiped(Map.of(
            "samband.stream.keepalive-millis", "1000",
            "samband.stream.max-subscribers-per-address", "0"));
        RawStream stream = server.stream("api/sse")) {
      stream.next(frame -> frame.is("hello"));
      server.stopReadingOutput();
      for (int i = 0; i < VISITORS; i++) {
        try (RawStream visitor = server.stream("api/sse", "User-Agent", "visitor")) {
          visitor.next(frame -> frame.is("hello"));
        }
      }
      Http http = server.http();
      for (int i = 0; i < 10; i++) {
        String id = publish(http, i);
        assertThat(stream.nextEvent().id()).isEqualTo(id);
        stream.next(frame -> frame.is("keepalive"));
      }
      // The visitors have left, and are found out although nothing can be printed.
      await()
          .atMost(PATIENCE)
          .until(() -> http.get("api/sse/connections").json().asJsonArray().size() == 1);

      server.readOutput();
      await().atMost(PATIENCE).untilAsserted(() -> {
        assertThat(lines(server, "connect")).isEqualTo(VISITORS + 1);
        assertThat(lines(server, "disconnect")).isEqualTo(VISITORS);
      });
    }
  }

  private static String publish(Http http, int number) {
    return http.post("api/sse/events", "{\"type\":\"test\",\"data\":" + number + "}")
        .json()
        .asJsonObject()
        .getString("id");
  }

  private static long lines(LiveServer server, String what) {
    return Pattern.compile("\\[SSE] " + what + " subscriber=")
        .matcher(server.log())
        .results()
        .count();
  }
}
