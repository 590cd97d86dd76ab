package io.samband.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.event.Audience;
import io.samband.event.EventId;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PageTest {
  private static final Reset RESET = new Reset(Reset.Reason.LOST, 3L, new EventId("0a0b0c0d", 7));

  private static Page page(Reset reset, long through, long... offsets) {
    List<LoggedEvent> events = LongStream.of(offsets)
        .mapToObj(offset ->
            new LoggedEvent(new EventId("0a0b0c0d", offset), "a", Audience.EVERYBODY, new byte[0]))
        .toList();
    return new Page(reset, events, through, false);
  }

  @Test
  void whatIsBeforeBetweenAndAfterTheEventsIsSkipped() {
    assertThat(page(null, 9, 3, 4, 6).skipped(0))
        .containsExactly(new Skip(1, 2), new Skip(5, 5), new Skip(7, 9));
    assertThat(page(null, 9).skipped(4)).containsExactly(new Skip(5, 9));
  }

  @Test
  void nothingIsSkippedIfEverythingIsThere() {
    assertThat(page(null, 3, 1, 2, 3).skipped(0)).isEmpty();
    assertThat(page(null, 4).skipped(4)).isEmpty();
    assertThat(page(RESET, 7).skipped(4)).isEmpty();
  }

  @Test
  void whatAResetCoversIsNotSkipped() {
    assertThat(page(RESET, 10, 9).skipped(4)).containsExactly(new Skip(8, 8), new Skip(10, 10));
  }
}
