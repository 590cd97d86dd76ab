package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A container that compresses whatever its clients accept compressed: no frame may wait in the compressor. */
class CompressingServerIT {
  @Test
  void helloAndEachEventLeaveAtOnceUncompressed() {
    try (LiveServer server = LiveServer.startCompressing(Map.of());
        RawStream stream = server.stream("api/sse", "Accept-Encoding", "gzip, deflate, br")) {
      assertThat(stream.status()).isEqualTo(200);
      assertThat(stream.header("content-encoding")).isIn(null, "identity");
      assertThat(stream.next().is("hello")).isTrue();
      Http http = server.http();
      for (int i = 0; i < 3; i++) {
        String id = http.post("api/sse/events", "{\"type\":\"test\",\"data\":" + i + "}")
            .json()
            .asJsonObject()
            .getString("id");
        assertThat(stream.nextEvent().id()).isEqualTo(id);
      }
      // Else this test would prove nothing: other answers are compressed.
      try (RawStream page = server.stream("index.html", "Accept-Encoding", "gzip")) {
        assertThat(page.header("content-encoding"))
            .as(new String(page.raw(), StandardCharsets.ISO_8859_1))
            .isEqualTo("gzip");
      }
    }
  }
}
