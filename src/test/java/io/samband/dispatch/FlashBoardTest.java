package io.samband.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.samband.event.EventHistory;
import io.samband.event.EventId;
import io.samband.event.SSEEvent;
import io.samband.event.SSEEventType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FlashBoardTest {
  private static final class Events implements EventHistory {
    final List<SSEEvent> all = new ArrayList<>();
    boolean readable = true;
    boolean isRewound;
    long breaksAfter = Long.MAX_VALUE;

    @Override
    public EventId read(EventId after, Set<String> types, Reader reader) {
      if (!readable) {
        throw new IllegalStateException("the event log cannot be read now");
      }
      long from = after == null ? 0 : after.offset();
      if (isRewound) {
        isRewound = false;
        reader.restart();
        from = 0;
      }
      for (long offset = from + 1; offset <= all.size(); offset++) {
        SSEEvent event = all.get((int) offset - 1);
        if (types.contains(event.type())) {
          reader.event(new Recorded(id(offset), event.type(), event.data()));
        }
        if (offset >= breaksAfter) {
          throw new IllegalStateException("the event log cannot be read now");
        }
      }
      return id(Math.max(from, all.size()));
    }

    private static EventId id(long offset) {
      return new EventId("0000000a", offset);
    }
  }

  private final Events events = new Events();
  private final FlashBoard board = new FlashBoard(events);

  private void message(String id, String priority) {
    events.all.add(SSEEvent.of(
        SSEEventType.FLASH_MESSAGE,
        new FlashMessage(id, "text of " + id, priority, "2026-11-23T14:00:00.000Z")));
  }

  private void acknowledged(String id, String by) {
    events.all.add(SSEEvent.of(
        SSEEventType.FLASH_ACKNOWLEDGED,
        Map.of("id", id, "by", by, "at", "2026-11-23T14:01:00.000Z")));
  }

  private List<String> shown() {
    return board.snapshot().flashes().stream().map(FlashBoard.Shown::id).toList();
  }

  @Test
  void anUrgentMessageWithoutAcknowledgementIsNeverPushedOut() {
    message("urgent", "high");
    for (int i = 0; i < 300; i++) {
      message("normal-" + i, "normal");
    }
    assertThat(shown()).hasSize(51).startsWith("urgent", "normal-250").endsWith("normal-299");
    acknowledged("urgent", "Desk 1");
    assertThat(shown()).hasSize(50).startsWith("normal-250");
  }

  @Test
  void manyUrgentMessagesWithoutAcknowledgementPushNothingOut() {
    for (int i = 0; i < 300; i++) {
      message("urgent-" + i, "high");
    }
    message("normal", "normal");
    assertThat(shown()).hasSize(301).startsWith("urgent-0").endsWith("urgent-299", "normal");
  }

  @Test
  void readingThatBreaksOffInTheMiddleGoesOnFromThere() {
    message("urgent", "high");
    for (int i = 0; i < 300; i++) {
      message("normal-" + i, "normal");
    }
    for (long offset : List.of(1L, 120L, 250L)) {
      events.breaksAfter = offset;
      assertThatThrownBy(board::snapshot).isInstanceOf(IllegalStateException.class);
    }
    events.breaksAfter = Long.MAX_VALUE;
    assertThat(board.snapshot()).isEqualTo(new FlashBoard(events).snapshot());
    assertThat(shown()).hasSize(51).startsWith("urgent", "normal-250").endsWith("normal-299");
  }

  @Test
  void anotherBoardOfTheSameEventsIsEqual() {
    message("a", "high");
    acknowledged("a", "Desk 1");
    message("b", "normal");
    board.snapshot();
    acknowledged("a", "Desk 2");
    acknowledged("a", "Desk 1");
    assertThat(board.snapshot()).isEqualTo(new FlashBoard(events).snapshot());
    assertThat(board.snapshot().flashes().get(0).acknowledgements())
        .extracting(Acknowledgement::by)
        .containsExactly("Desk 1", "Desk 2");
    assertThat(board.snapshot().lastEventId()).isEqualTo("0000000a-5");
  }

  @Test
  void aLogThatHasLostEventsIsReadAnew() {
    message("a", "high");
    message("lost", "high");
    assertThat(shown()).containsExactly("a", "lost");
    events.all.remove(1);
    message("b", "normal");
    events.isRewound = true;
    assertThat(shown()).containsExactly("a", "b");
  }

  @Test
  void eventsThatCannotBeReadChangeNothingAndAreReadLater() {
    message("a", "normal");
    events.readable = false;
    assertThatThrownBy(board::snapshot).isInstanceOf(IllegalStateException.class);
    events.readable = true;
    assertThat(shown()).containsExactly("a");
  }

  @Test
  void dataOfAnotherFormIsLeftOut() {
    events.all.add(SSEEvent.of(SSEEventType.FLASH_MESSAGE, "just a text"));
    events.all.add(SSEEvent.of(SSEEventType.FLASH_MESSAGE, Map.of("id", 7)));
    events.all.add(SSEEvent.of(SSEEventType.FLASH_ACKNOWLEDGED, null));
    acknowledged("unknown", "Desk 1");
    message("a", "normal");
    assertThat(shown()).containsExactly("a");
  }
}
