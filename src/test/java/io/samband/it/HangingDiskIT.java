package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Playwright;
import io.samband.testing.Frame;
import io.samband.testing.HangingDisk;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import io.samband.testing.Rounds;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A disk on which a write neither succeeds nor fails: it does not come back. */
@EnabledOnOs(OS.LINUX) // preloads a library
class HangingDiskIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir
  Path work;

  @Test
  void streamsAndTheConsoleAreToldThatEventsAreHeldBackAndGetThemLater() throws IOException {
    Rounds.onceInABuild();
    Optional<HangingDisk> compiled = HangingDisk.in(work.toRealPath());
    assumeTrue(compiled.isPresent(), "there is no C compiler");
    HangingDisk disk = compiled.orElseThrow();
    Map<String, String> settings = Map.of(
        "samband.data.dir", disk.data().toString(),
        "samband.publish.wait-millis", "1000",
        "samband.stream.keepalive-millis", "1000");
    try (LiveServer server = LiveServer.start(settings, disk.environment());
        RawStream stream = server.stream("api/sse");
        Playwright playwright = Playwright.create();
        Browser chromium = Chromium.launch(playwright)) {
      stream.next(frame -> frame.is("hello"));
      ConsoleTab console = ConsoleTab.connected(chromium.newContext(), server.base());
      Http http = server.http();
      http.post("api/sse/test", "");
      assertThat(stream.nextEvent().data()).contains("nonce");

      disk.hang();
      String nonce = nonce(http.post("api/sse/test", ""));
      Frame failing = stream.next(frame -> frame.is("status"));
      assertThat(failing.data()).startsWith("{\"log\":\"failing\",\"sinceMillis\":");
      assertThat(failing.offset()).isEqualTo(1);
      stream.next(frame -> frame.is("keepalive"));
      stream.next(frame -> frame.is("keepalive"));
      JsonObject health = http.get("api/health/ready").json().asJsonObject();
      assertThat(health.getString("log")).isEqualTo("failing");
      try (RawStream late = server.stream("api/sse")) {
        assertThat(late.next().is("hello")).isTrue();
        Frame status = late.next();
        assertThat(status.is("status")).isTrue();
        assertThat(status.data()).startsWith("{\"log\":\"failing\",\"sinceMillis\":");
        assertThat(status.offset()).isEqualTo(1);
      }
      assertThat(stream.events()).hasSize(1);
      console.await("[data-testid=stale-notice][data-doubt=heldBack]", PATIENCE);
      assertThat(console.status()).as("its stream is well").isEqualTo("connected");
      assertThat(console.receivedOffsets()).containsExactly(1L);
      console.screenshot("held-back");

      disk.goOn();
      console.awaitOffset(2, PATIENCE);
      console.await("[data-testid=stale-notice][data-stale=false]", PATIENCE);
      assertThat(stream.nextEvent().data()).contains(nonce);
      await()
          .atMost(PATIENCE)
          .until(() -> stream.frames().stream()
              .anyMatch(frame -> frame.text().contains("event: status\ndata: {\"log\":\"ok\",")));
      assertThat(stream.events()).hasSize(2);
    } finally {
      disk.goOn();
    }
  }

  private static String nonce(Http.Answer answer) {
    assertThat(answer.status()).isEqualTo(202);
    return answer.json().asJsonObject().getString("nonce");
  }
}
