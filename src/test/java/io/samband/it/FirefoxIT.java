package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.LiveServer;
import io.samband.testing.Rounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The console page in Firefox: other locks, other channels and another {@code EventSource} than Chromium's. */
class FirefoxIT {
  private static final Duration SOON = Duration.ofSeconds(20);

  /** A slow start of the server outlasts five attempts; the stream is then tried every 30 s. */
  private static final Duration RESTART = Duration.ofMinutes(2);

  @Test
  void threeTabsShareOneConnectionAndMissNothingWhileTheLeaderClosesAndTheServerRestarts() {
    Rounds.onceInABuild();
    try (LiveServer server = LiveServer.start(LiveServer.SHARED_SETTINGS);
        RawFirefox firefox = new RawFirefox()) {
      List<RawFirefox.Tab> tabs = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        tabs.add(firefox.open(server.base()));
        tabs.get(i).awaitStatus("connected");
      }
      assertThat(connections(server)).isEqualTo(1);

      try (Publishing publishing = new Publishing(server.http())) {
        tabs.forEach(tab -> tab.awaitOffset(1));
        RawFirefox.Tab leader =
            tabs.stream().filter(RawConsole::leads).findFirst().orElseThrow();
        tabs.remove(leader);
        leader.close();
        Awaitility.await().atMost(SOON).until(() -> tabs.stream().anyMatch(RawConsole::leads));
        long last = publishing.stop();
        tabs.forEach(tab -> tab.heardAllUpTo(last));
      }
      Awaitility.await().atMost(SOON).until(() -> connections(server) == 1);

      server.kill9();
      tabs.forEach(tab -> tab.awaitStatus("reconnecting"));
      server.restart();
      long last = Publishing.publishOne(server.http());
      tabs.forEach(tab -> tab.awaitStatus("connected", RESTART));
      tabs.forEach(tab -> tab.heardAllUpTo(last));
      Awaitility.await().atMost(SOON).until(() -> connections(server) == 1);
    }
  }

  private static int connections(LiveServer server) {
    return server.http().get("api/sse/connections").json().asJsonArray().size();
  }
}
