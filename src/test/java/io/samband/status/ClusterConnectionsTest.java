package io.samband.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.presence.ClusterView;
import io.samband.presence.PresentStream;
import io.samband.stream.fanout.ConnectionInfo;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterConnectionsTest {
  private static final Instant TIME = Instant.parse("2026-11-23T14:00:00.123Z");
  private static final String SHOWN = "2026-11-23T14:00:00.123Z";

  private static PresentStream stream(long id, PresentStream.Behind behind) {
    return new PresentStream(id, "kari", TIME, "10.3.0.1", "Firefox", List.of("a"), behind);
  }

  private static ClusterView.Node node(String name, boolean isSelf, PresentStream... streams) {
    return new ClusterView.Node(
        name + "1", name, isSelf, "5f3a9c21-40", TIME, TIME.plusSeconds(10), List.of(streams));
  }

  @Test
  void ownStreamsAreAsTheyAreNowAndThoseOfOthersAsTheyWerePublished() {
    var own = new ConnectionInfo(
        7, null, SHOWN, "10.3.0.2", "Chrome", "5f3a9c21-41", 0, SHOWN, "ready", List.of());
    var blocked = new PresentStream.Behind("5f3a9c21-30", SHOWN, "blocked");
    var view = new ClusterView(
        true,
        TIME,
        List.of(node("desk", true), node("other", false, stream(1, null), stream(2, blocked))));

    ClusterConnections answer = ClusterConnections.of(view, List.of(own), 41);

    assertThat(answer.complete()).isTrue();
    assertThat(answer.asOf()).isEqualTo(SHOWN);
    assertThat(answer.nodes())
        .containsExactly(
            new ClusterConnections.NodeInfo("desk", "desk1", SHOWN, "2026-11-23T14:00:10.123Z", 1),
            new ClusterConnections.NodeInfo(
                "other", "other1", SHOWN, "2026-11-23T14:00:10.123Z", 2));
    assertThat(answer.connections())
        .containsExactly(
            new ClusterConnections.StreamInfo(
                "desk",
                "desk1",
                7,
                null,
                SHOWN,
                "10.3.0.2",
                "Chrome",
                "5f3a9c21-41",
                0,
                SHOWN,
                "ready",
                List.of()),
            new ClusterConnections.StreamInfo(
                "other",
                "other1",
                1,
                "kari",
                SHOWN,
                "10.3.0.1",
                "Firefox",
                "5f3a9c21-40",
                0,
                null,
                "idle",
                List.of("a")),
            new ClusterConnections.StreamInfo(
                "other",
                "other1",
                2,
                "kari",
                SHOWN,
                "10.3.0.1",
                "Firefox",
                "5f3a9c21-30",
                11,
                SHOWN,
                "blocked",
                List.of("a")));
  }
}
