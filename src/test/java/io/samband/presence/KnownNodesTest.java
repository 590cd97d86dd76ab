package io.samband.presence;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.presence.PresenceStore.Change;
import io.samband.presence.PresenceStore.PublishedNode;
import io.samband.presence.PresenceStore.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class KnownNodesTest {
  private static final Instant TIME = Instant.parse("2026-11-23T14:00:00.123Z");

  private final KnownNodes known = new KnownNodes("self");
  private final List<String> told = new ArrayList<>();

  private void read(PublishedNode... nodes) {
    known.apply(new Reading(TIME, List.of(nodes)), new KnownNodes.Listener() {
      @Override
      public void opened(String incarnation, String node, PresentStream stream) {
        told.add("+" + incarnation + stream.id());
      }

      @Override
      public void ended(String incarnation, long id) {
        told.add("-" + incarnation + id);
      }
    });
  }

  private static PublishedNode node(String incarnation, long version, boolean whole, long... ids) {
    List<Change> changes = LongStream.of(ids)
        .mapToObj(id -> id < 0
            ? new Change(-id, null)
            : new Change(id, StreamJson.write(FakeStreams.stream(id, "kari"))))
        .toList();
    return new PublishedNode(
        incarnation, "same", "5f3a9c21-7", TIME, TIME.plusSeconds(10), version, whole, changes);
  }

  private List<Long> shown(String incarnation) {
    return known.view().stream()
        .filter(node -> node.incarnation().equals(incarnation))
        .flatMap(node -> node.streams().stream())
        .map(PresentStream::id)
        .toList();
  }

  @Test
  void changesAreAddedToWhatIsKnownAndAllOfANodeReplacesIt() {
    read(node("a", 2, true, 1, 2));
    read(node("a", 3, false, -1, 3));
    assertThat(shown("a")).containsExactly(2L, 3L);
    assertThat(known.seen()).containsEntry("a", 3L);
    read(node("a", 9, true, 3, 4));
    assertThat(shown("a")).containsExactly(3L, 4L);
    assertThat(told).containsExactly("+a1", "+a2", "-a1", "+a3", "-a2", "+a4");
  }

  @Test
  void theStreamsOfANodeThatIsGoneHaveEnded() {
    read(node("a", 2, true, 1), node("b", 2, true, 1));
    read(node("b", 2, false));
    assertThat(known.incarnations()).containsExactly("b");
    assertThat(told).containsExactly("+a1", "+b1", "-a1");
    assertThat(known.seen()).doesNotContainKey("a");
  }

  @Test
  void whatALaterVersionHasWrittenIsReadAndWhatCannotBeUnderstoodIsNoStream() {
    String later = "{\"connectedAt\":\"2026-11-23T14:00:00.123Z\",\"desk\":[1],\"user\":\"kari\"}";
    var changes = List.of(new Change(1, later), new Change(2, "[]"), new Change(3, "{\"a\":"));
    read(new PublishedNode("a", "n", "", TIME, TIME, 2, true, changes));
    assertThat(shown("a")).containsExactly(1L);
  }

  @Test
  void anotherNodeOfTheSameNameAndOneThatIsSilentAreNoticed() {
    read(node("self", 0, false));
    assertThat(known.namesake("same")).isEmpty();
    read(node("self", 0, false), node("a", 2, true));
    assertThat(known.namesake("same")).contains("a");
    assertThat(known.silentFor(Duration.ZERO)).isEmpty();
    assertThat(known.silentFor(Duration.ofSeconds(-1))).contains("a");
  }
}
