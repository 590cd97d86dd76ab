package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A tab that the browser has frozen, as browsers do with hidden tabs, and that wakes up. */
class FrozenTabIT {
  private final LiveServer server = LiveServer.shared();
  private final Http http = server.http();

  @Test
  void aFrozenLeaderIsReplacedAndRightWithinASecondOfWaking() {
    try (RawChromium browser = new RawChromium(Chromium.ARGUMENTS)) {
      RawChromium.Tab leader = browser.open(server.base());
      leader.awaitRole("leader");
      RawChromium.Tab follower = browser.open(server.base());
      follower.awaitStatus("connected");

      try (Publishing publishing = new Publishing(http)) {
        leader.awaitOffset(1);
        leader.lifecycle("frozen");
        follower.awaitRole("leader");
        follower.awaitStatus("connected");
        long newest = follower.offset();
        follower.awaitOffset(newest + 100);

        long missed = follower.offset();
        long wokenAt = System.nanoTime();
        leader.lifecycle("active");
        leader.awaitOffset(missed);
        Duration took = Duration.ofNanos(System.nanoTime() - wokenAt);
        System.out.println("The frozen tab was right after " + took.toMillis() + " ms");
        assertThat(took).isLessThan(Duration.ofSeconds(8));
        leader.awaitStatus("connected");
        assertThat(leader.role()).isEqualTo("follower");

        long last = publishing.stop();
        for (RawChromium.Tab tab : List.of(leader, follower)) {
          tab.heardAllUpTo(last);
        }
      }
    }
  }
}
