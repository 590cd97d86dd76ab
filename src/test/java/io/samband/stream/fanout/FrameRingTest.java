package io.samband.stream.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.event.EventId;
import io.samband.log.LoggedEvent;
import io.samband.log.TypeFilter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FrameRingTest {
  private static final String EPOCH = "0a0b0c0d";

  private final FrameRing ring = new FrameRing(1_000);

  private static LoggedEvent event(long offset, String type) {
    byte[] json = ("{\"n\":" + offset + "}").getBytes(StandardCharsets.UTF_8);
    return new LoggedEvent(new EventId(EPOCH, offset), type, json);
  }

  private void add(int count, String type) {
    List<LoggedEvent> events = new ArrayList<>();
    long newest = ring.newest();
    for (int i = 1; i <= count; i++) {
      events.add(event(newest + i, type));
    }
    ring.advance(events, newest + count);
  }

  private static String text(Batch batch) {
    return new String(batch.bytes(), StandardCharsets.UTF_8);
  }

  @Test
  void framesComeOutAsTheyGoOnTheWire() {
    add(2, "a");
    Batch batch = ring.after(0, TypeFilter.ALL, 1_000);
    assertThat(text(batch))
        .isEqualTo("id: 0a0b0c0d-1\ndata: {\"n\":1}\n\nid: 0a0b0c0d-2\ndata: {\"n\":2}\n\n");
    assertThat(batch.through()).isEqualTo(2);
    assertThat(batch.events()).isEqualTo(2);
  }

  @Test
  void whoHasEverythingGetsNothing() {
    add(2, "a");
    assertThat(ring.after(2, TypeFilter.ALL, 1_000).isEmpty()).isTrue();
  }

  @Test
  void whoIsAheadOfTheRingKeepsItsCursor() {
    add(2, "a");
    assertThat(ring.after(5, TypeFilter.ALL, 1_000).through()).isEqualTo(5);
  }

  @Test
  void theOldestMakesRoomAndWhoNeedsItIsSentToTheLog() {
    add(500, "a");
    assertThat(ring.after(0, TypeFilter.ALL, 1_000)).isNull();
    assertThat(ring.after(499, TypeFilter.ALL, 1_000).through()).isEqualTo(500);
  }

  @Test
  void aBatchEndsBeforeItsLimitAtAWholeFrame() {
    add(10, "a");
    Batch batch = ring.after(0, TypeFilter.ALL, 70);
    assertThat(batch.events()).isEqualTo(2);
    assertThat(batch.through()).isEqualTo(2);
  }

  @Test
  void aFrameLargerThanTheLimitIsABatchOfItsOwn() {
    add(3, "a");
    assertThat(ring.after(1, TypeFilter.ALL, 1).through()).isEqualTo(2);
  }

  @Test
  void aFilterLeavesOutAndMovesPast() {
    add(3, "a");
    add(1, "b");
    add(3, "a");
    Batch batch = ring.after(0, new TypeFilter(Set.of("b")), 1_000);
    assertThat(text(batch)).isEqualTo("id: 0a0b0c0d-4\ndata: {\"n\":4}\n\n");
    assertThat(batch.through()).isEqualTo(7);
  }

  @Test
  void afterALossTheRingStartsAnew() {
    add(3, "a");
    ring.advance(List.of(), 10);
    assertThat(ring.after(3, TypeFilter.ALL, 1_000)).isNull();
    ring.advance(List.of(event(11, "a")), 11);
    assertThat(ring.after(10, TypeFilter.ALL, 1_000).through()).isEqualTo(11);
  }
}
