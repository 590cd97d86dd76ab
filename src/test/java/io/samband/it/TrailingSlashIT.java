package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Frame;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import org.junit.jupiter.api.Test;

/** {@code /api/sse/} is the same as {@code /api/sse}. */
class TrailingSlashIT {
  private final LiveServer server = LiveServer.shared();
  private final Http http = server.http();

  @Test
  void theStreamIsTheSameFromItsFirstFrameToItsEnd() {
    try (RawStream plain = server.stream("api/sse?types=test&types=shift_change");
        RawStream slash = server.stream("api/sse/?types=test&types=shift_change")) {
      assertThat(slash.status()).isEqualTo(200);
      for (String name : new String[] {"content-type", "cache-control", "x-accel-buffering"}) {
        assertThat(slash.header(name)).isEqualTo(plain.header(name));
      }
      assertThat(slash.next().text()).isEqualTo(plain.next().text());
      publish("test");
      publish("left_out");
      publish("shift_change");
      for (int i = 0; i < 2; i++) {
        Frame event = plain.nextEvent();
        assertThat(slash.nextEvent().text()).isEqualTo(event.text());
        assertThat(event.data()).doesNotContain("left_out");
      }
    }
  }

  @Test
  void headIsTheSame() {
    Http.Answer plain = http.head("api/sse");
    Http.Answer slash = http.head("api/sse/");
    assertThat(slash.status()).isEqualTo(plain.status()).isEqualTo(200);
    assertThat(slash.header("Content-Type")).isEqualTo(plain.header("Content-Type"));
    assertThat(slash.header("Cache-Control")).isEqualTo(plain.header("Cache-Control"));
  }

  private void publish(String type) {
    assertThat(http.post("api/sse/events", "{\"type\":\"" + type + "\",\"data\":1}")
            .status())
        .isEqualTo(202);
  }
}
