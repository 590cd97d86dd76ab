package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import jakarta.json.JsonArray;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A tab that the browser has frozen, as browsers do with hidden tabs, and that wakes up. */
class FrozenTabIT {
  private static final String STATUS = "samband.store.getState().status";
  private static final String ROLE = "samband.store.getState().role";
  private static final String OFFSET = "(samband.received.at(-1) ?? '-0').split('-')[1]";

  private final LiveServer server = LiveServer.shared();
  private final Http http = server.http();

  @Test
  void aFrozenLeaderIsReplacedAndRightWithinASecondOfWaking() {
    try (RawChromium browser = new RawChromium(Chromium.ARGUMENTS)) {
      RawChromium.Tab leader = browser.open(server.base());
      awaitText(leader, ROLE, "leader");
      RawChromium.Tab follower = browser.open(server.base());
      awaitText(follower, STATUS, "connected");

      try (Publishing publishing = new Publishing(http)) {
        awaitOffset(leader, 1);
        leader.lifecycle("frozen");
        awaitText(follower, ROLE, "leader");
        awaitText(follower, STATUS, "connected");
        long newest = offset(follower);
        awaitOffset(follower, newest + 100);

        long missed = offset(follower);
        long wokenAt = System.nanoTime();
        leader.lifecycle("active");
        awaitOffset(leader, missed);
        Duration took = Duration.ofNanos(System.nanoTime() - wokenAt);
        System.out.println("The frozen tab was right after " + took.toMillis() + " ms");
        assertThat(took).isLessThan(Duration.ofSeconds(8));
        awaitText(leader, STATUS, "connected");
        assertThat(leader.text(ROLE)).isEqualTo("follower");

        long last = publishing.stop();
        for (RawChromium.Tab tab : List.of(leader, follower)) {
          awaitOffset(tab, last);
          heardAll(tab);
        }
      }
    }
  }

  private static long offset(RawChromium.Tab tab) {
    return Long.parseLong(tab.text(OFFSET));
  }

  private static void awaitOffset(RawChromium.Tab tab, long offset) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(20))
        .atMost(Duration.ofSeconds(20))
        .until(() -> offset(tab) >= offset);
  }

  private static void awaitText(RawChromium.Tab tab, String expression, String text) {
    String safe = "window.samband ? " + expression + " : ''";
    Awaitility.await()
        .pollInterval(Duration.ofMillis(50))
        .atMost(Duration.ofSeconds(20))
        .until(() -> tab.text(safe).equals(text));
  }

  /** Each once, in order, no reset and no hole. */
  private static void heardAll(RawChromium.Tab tab) {
    JsonArray received = tab.evaluate("samband.received").asJsonArray();
    List<Long> offsets = received.stream()
        .map(id -> id.toString().replace("\"", ""))
        .map(id -> Long.valueOf(id.substring(id.indexOf('-') + 1)))
        .toList();
    for (int i = 1; i < offsets.size(); i++) {
      assertThat(offsets.get(i)).isEqualTo(offsets.get(i - 1) + 1);
    }
  }
}
