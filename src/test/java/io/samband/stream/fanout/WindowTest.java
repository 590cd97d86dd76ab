package io.samband.stream.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.event.Audience;
import io.samband.event.EventId;
import io.samband.log.EventFilter;
import io.samband.log.LoggedEvent;
import io.samband.log.Reset;
import io.samband.stream.fanout.Engine.Received;
import io.samband.testing.Rounds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WindowTest {
  private static final String EPOCH = "0a0b0c0d";

  private static Frame frame(long offset, String... attributes) {
    return frameOf("{}", offset, attributes);
  }

  private static Frame frameOf(String json, long offset, String... attributes) {
    return Frame.of(new LoggedEvent(
        new EventId(EPOCH, offset),
        "a",
        attributes.length == 0 ? Audience.EVERYBODY : Audience.of(attributes),
        json.getBytes(StandardCharsets.UTF_8)));
  }

  private static EventFilter identity(String... attributes) {
    return EventFilter.ALL.seenBy(Set.of(attributes));
  }

  private static String text(Batch batch) {
    return new String(batch.bytes(), StandardCharsets.UTF_8);
  }

  @Test
  void hiddenEventsAreAnnouncedBeforeAndBetweenTheFramesButNotAfterTheLast() {
    var window = new Window(
        4,
        null,
        List.of(frame(6, "u:x"), frame(7), frame(8, "u:y"), frame(9, "u:x"), frame(10, "u:y")),
        12);
    Batch batch = window.of(identity("u:x"), 2);
    assertThat(text(batch)).isEqualTo("""
        id: 0a0b0c0d-5
        event: skip
        data: {"from":3,"to":5}

        id: 0a0b0c0d-6
        data: {}

        id: 0a0b0c0d-7
        data: {}

        id: 0a0b0c0d-8
        event: skip
        data: {"from":8,"to":8}

        id: 0a0b0c0d-9
        data: {}

        """);
    assertThat(batch.events()).isEqualTo(3);
    assertThat(batch.last()).isEqualTo(9);
    assertThat(batch.through()).isEqualTo(12);
    assertThat(text(window.of(identity("u:x"), 5))).startsWith("id: 0a0b0c0d-6\ndata");
  }

  @Test
  void whoSeesNothingGetsNothing() {
    Batch batch = new Window(4, null, List.of(frame(5, "u:x")), 5).of(identity("u:y"), 2);
    assertThat(batch.isEmpty()).isTrue();
    assertThat(batch.through()).isEqualTo(5);
  }

  @Test
  void aResetIsForEverybodyAndFollowsWhatWasHiddenBeforeIt() {
    var reset = new Reset(Reset.Reason.LOST, 3L, new EventId(EPOCH, 7));
    var window = new Window(4, reset, List.of(frame(9, "u:x")), 9);
    String announced = """
        id: 0a0b0c0d-4
        event: skip
        data: {"from":3,"to":4}

        id: 0a0b0c0d-7
        event: reset
        data: {"reason":"lost","missed":3}

        """;
    assertThat(text(window.of(identity("u:y"), 2))).isEqualTo(announced);
    assertThat(window.of(identity("u:y"), 2).last()).isEqualTo(7);
    assertThat(text(window.of(identity("u:x"), 2)))
        .isEqualTo(announced + "id: 0a0b0c0d-8\nevent: skip\ndata: {\"from\":8,\"to\":8}\n\n"
            + "id: 0a0b0c0d-9\ndata: {}\n\n");
  }

  @Test
  void withoutAnAudienceAllSubscribersShareOneBatchWhateverTheirAttributes() {
    var window = new Window(0, null, List.of(frame(1), frame(2)), 2);
    assertThat(window.of(identity("u:x"), 0))
        .isSameAs(window.of(identity("u:y"), 0))
        .isSameAs(window.of(EventFilter.ALL, 0))
        .isSameAs(window.whole());
  }

  @Test
  void thoseWhoSeeTheSameAndWereToldTheSameShareOneBatch() {
    var window = new Window(3, null, List.of(frame(4, "s:1", "s:2"), frame(5)), 5);
    assertThat(window.of(identity("s:1", "u:x"), 1)).isSameAs(window.of(identity("s:2"), 1));
    assertThat(window.of(identity("s:1"), 1)).isNotSameAs(window.of(identity("s:1"), 2));
    assertThat(window.of(identity("u:x"), 1)).isSameAs(window.of(identity("u:y"), 1));
  }

  @Test
  void batchesOfMoreThanTheBoundAreNotKept() {
    String json = "\"" + "x".repeat(1_000_000) + "\"";
    var frames =
        IntStream.range(1, 12).mapToObj(i -> frameOf(json, i, "u:" + i)).toList();
    var window = new Window(0, null, frames, 11);
    long kept = IntStream.range(1, 12)
        .filter(i -> {
          Batch first = window.of(identity("u:" + i), i - 1);
          return window.of(identity("u:" + i), i - 1) == first;
        })
        .count();
    assertThat(kept * json.length()).isPositive().isLessThanOrEqualTo(Window.MAX_SHARED_BYTES);
    assertThat(text(window.of(identity("u:11"), 10))).startsWith("id: 0a0b0c0d-11\n");
  }

  /** The index over the audiences finds what the filter takes, neither more nor less. */
  @Test
  void everySubscriberGetsExactlyWhatItsFilterTakes() {
    Random random = Rounds.random(WindowTest.class);
    for (int round = 0; round < Rounds.of(500, 20_000); round++) {
      List<Frame> frames = new ArrayList<>();
      for (long offset = 1; offset <= 30; offset++) {
        if (random.nextInt(4) > 0) {
          frames.add(frame(offset, attributes(random).toArray(String[]::new)));
        }
      }
      var window = new Window(0, null, frames, 30);
      for (int subscriber = 0; subscriber < 20; subscriber++) {
        EventFilter filter =
            EventFilter.ALL.seenBy(random.nextInt(8) == 0 ? null : attributes(random));
        List<Long> taken = frames.stream()
            .filter(frame -> filter.takes(frame.header()))
            .map(Frame::offset)
            .toList();
        List<Long> got = Received.all(text(window.of(filter, 0))).stream()
            .filter(Received::isEvent)
            .map(Received::offset)
            .toList();
        assertThat(got).as(filter.attributes() + "").isEqualTo(taken);
      }
    }
  }

  private static Set<String> attributes(Random random) {
    Set<String> attributes = new HashSet<>();
    while (random.nextInt(3) > 0 && attributes.size() < 16) {
      attributes.add("u:" + random.nextInt(40));
    }
    return attributes;
  }
}
