package io.samband.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.log.EventFilter;
import io.samband.log.LogHealth;
import io.samband.presence.PresentStream;
import io.samband.stream.EventLogBroadcaster;
import io.samband.stream.fanout.ConnectionInfo;
import io.samband.stream.fanout.Owner;
import io.samband.stream.fanout.Subscriber;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamsOfNodeTest {
  private static final String TIME = "2026-11-23T14:00:00.123Z";

  private final List<Subscriber> open = new ArrayList<>();
  private final List<ConnectionInfo> behind = new ArrayList<>();
  private final StreamsOfNode streams = new StreamsOfNode(
      new EventLogBroadcaster() {
        @Override
        public Collection<Subscriber> streams() {
          return open;
        }

        @Override
        public List<ConnectionInfo> behind(int max) {
          return List.copyOf(behind);
        }
      },
      null);

  private void open(long id) {
    var peer = new Subscriber.Peer(id, "10.3.0.1", "Firefox", Instant.parse(TIME));
    var owner = new Owner("kari", null, null, null);
    open.add(
        new Subscriber(
            peer,
            owner,
            EventFilter.ALL,
            0,
            new byte[0],
            LogHealth.Status.OK,
            Duration.ofHours(1)) {});
  }

  private static PresentStream shown(long id, PresentStream.Behind place) {
    return new PresentStream(
        id, "kari", Instant.parse(TIME), "10.3.0.1", "Firefox", List.of(), place);
  }

  @Test
  void whereAStreamStandsIsToldWhenItHasBeenBehindAtTwoLooks() {
    open(1);
    open(2);
    behind.add(new ConnectionInfo(
        2, "kari", TIME, "10.3.0.1", "Firefox", "5f3a9c21-3", 9, TIME, "blocked", List.of()));
    assertThat(streams.open()).containsExactlyInAnyOrder(shown(1, null), shown(2, null));
    assertThat(streams.open())
        .containsExactlyInAnyOrder(
            shown(1, null), shown(2, new PresentStream.Behind("5f3a9c21-3", TIME, "blocked")));
    behind.clear();
    open.remove(0);
    assertThat(streams.open()).containsExactly(shown(2, null));
  }
}
