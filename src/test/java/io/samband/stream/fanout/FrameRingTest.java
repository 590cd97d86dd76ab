package io.samband.stream.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.event.Audience;
import io.samband.event.EventId;
import io.samband.log.EventFilter;
import io.samband.log.LoggedEvent;
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
    return new LoggedEvent(new EventId(EPOCH, offset), type, Audience.EVERYBODY, json);
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
    Batch batch = ring.after(0, EventFilter.ALL, 1_000).whole();
    assertThat(text(batch))
        .isEqualTo("id: 0a0b0c0d-1\ndata: {\"n\":1}\n\nid: 0a0b0c0d-2\ndata: {\"n\":2}\n\n");
    assertThat(batch.through()).isEqualTo(2);
    assertThat(batch.events()).isEqualTo(2);
  }

  @Test
  void aCursorAtTheNewestEventGetsNothing() {
    add(2, "a");
    assertThat(ring.after(2, EventFilter.ALL, 1_000).isEmpty()).isTrue();
  }

  @Test
  void aCursorAheadOfTheRingStaysWhereItIs() {
    add(2, "a");
    assertThat(ring.after(5, EventFilter.ALL, 1_000).through()).isEqualTo(5);
  }

  @Test
  void anOffsetThatTheRingHasDroppedIsLeftToTheLog() {
    add(500, "a");
    assertThat(ring.after(0, EventFilter.ALL, 1_000)).isNull();
    assertThat(ring.after(499, EventFilter.ALL, 1_000).through()).isEqualTo(500);
  }

  @Test
  void aBatchEndsBeforeItsLimitAtAWholeFrame() {
    add(10, "a");
    Batch batch = ring.after(0, EventFilter.ALL, 70).whole();
    assertThat(batch.events()).isEqualTo(2);
    assertThat(batch.through()).isEqualTo(2);
  }

  @Test
  void aFrameLargerThanTheLimitIsABatchOfItsOwn() {
    add(3, "a");
    assertThat(ring.after(1, EventFilter.ALL, 1).through()).isEqualTo(2);
  }

  @Test
  void aFilterLeavesOutAndMovesPast() {
    add(3, "a");
    add(1, "b");
    add(3, "a");
    Batch batch = ring.after(0, new EventFilter(Set.of("b")), 1_000).whole();
    assertThat(text(batch)).isEqualTo("id: 0a0b0c0d-4\ndata: {\"n\":4}\n\n");
    assertThat(batch.through()).isEqualTo(7);
  }

  @Test
  void aFilterThatTakesNothingGoesOnlySoFarInOneCall() {
    FrameRing large = new FrameRing(1 << 20);
    List<LoggedEvent> events = new ArrayList<>();
    for (int offset = 1; offset <= 10_000; offset++) {
      events.add(event(offset, "a"));
    }
    large.advance(events, 10_000);
    EventFilter nothing = new EventFilter(Set.of("b"));
    long cursor = 0;
    int calls = 0;
    while (cursor < 10_000) {
      Batch batch = large.after(cursor, nothing, 1_000).whole();
      assertThat(batch.isEmpty()).isTrue();
      assertThat(batch.through()).isBetween(cursor + 1, cursor + 4_096);
      cursor = batch.through();
      calls++;
    }
    assertThat(calls).isEqualTo(3);
  }

  @Test
  void framesThatAreDroppedDuringAScanAreNotSkipped() throws InterruptedException {
    // The reader finds chunk after chunk while the writer overwrites what it has not seen yet.
    FrameRing small = new FrameRing(40_000);
    Thread writer = new Thread(() -> {
      for (int offset = 1; offset <= 200_000; offset++) {
        small.advance(List.of(event(offset, "a")), offset);
      }
    });
    writer.start();
    long cursor = 0;
    while (cursor < 200_000) {
      Window window = small.after(cursor, EventFilter.ALL, 32_768);
      if (window == null) {
        cursor = small.newest();
      } else {
        Batch batch = window.whole();
        assertThat(batch.events()).isEqualTo((int) (batch.through() - cursor));
        if (!batch.isEmpty()) {
          assertThat(text(batch)).startsWith("id: " + EPOCH + "-" + (cursor + 1) + "\n");
          assertThat(text(batch)).contains("id: " + EPOCH + "-" + batch.through() + "\n");
        }
        cursor = batch.through();
      }
    }
    writer.join();
  }

  @Test
  void afterALossTheRingStartsAnew() {
    add(3, "a");
    ring.advance(List.of(), 10);
    assertThat(ring.after(3, EventFilter.ALL, 1_000)).isNull();
    ring.advance(List.of(event(11, "a")), 11);
    assertThat(ring.after(10, EventFilter.ALL, 1_000).through()).isEqualTo(11);
  }
}
