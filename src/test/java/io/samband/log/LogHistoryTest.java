package io.samband.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.samband.event.EventHistory.Reader;
import io.samband.event.EventHistory.Recorded;
import io.samband.event.EventId;
import io.samband.event.SSEEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LogHistoryTest {
  private static final Set<String> ALL = Set.of("a", "b", "c", "d");

  private static class Log extends MemoryLog {
    @Override
    protected String json(String type, String data) {
      return new String(SSEEvent.of(type, data).json(), StandardCharsets.UTF_8);
    }
  }

  private final List<String> read = new ArrayList<>();
  private final Reader reader = new Reader() {
    @Override
    public void restart() {
      read.add("restart");
    }

    @Override
    public void event(Recorded event) {
      read.add(event.id().offset() + event.type());
    }
  };

  private static EventId id(long offset) {
    return new EventId(MemoryLog.EPOCH, offset);
  }

  @Test
  void aStateForEverybodyIsMadeOfTheEventsThatEverybodyMaySee() {
    try (EventLog log = new FakeDisk().open(1_000, 100)) {
      log.append(List.of(
              SSEEvent.of("a", 1),
              SSEEvent.of("a", 2).to("user:kari"),
              SSEEvent.of("b", 3),
              SSEEvent.of("a", 4),
              SSEEvent.of("a", 5).to("role:leader")))
          .toCompletableFuture()
          .join();
      EventId id = new LogHistory(log).read(null, Set.of("a"), reader);

      assertThat(read).containsExactly("1a", "4a");
      assertThat(id.offset()).as("past what is left out").isEqualTo(5);
    }
  }

  @Test
  void readingGoesOnFromTheLastPosition() {
    var log = new Log();
    var history = new LogHistory(log);
    log.append(1, "a", "b");
    EventId last = history.read(null, ALL, reader);
    log.append(1, "c");

    assertThat(history.read(last, ALL, reader)).isEqualTo(id(3));
    assertThat(history.read(id(3), ALL, reader)).isEqualTo(id(3));
    assertThat(read).containsExactly("1a", "2b", "3c");
  }

  @Test
  void aStateBeginsAnewWhenSomeEventsAreMissing() {
    var log = new Log();
    var history = new LogHistory(log);
    log.append(1, "a", "b", "c");
    log.trimThrough(2);

    assertThat(history.read(id(1), ALL, reader)).isEqualTo(id(3));
    assertThat(read).containsExactly("restart", "3c");
  }

  /** Another node went on from an earlier event, and has given other events the offsets that were read. */
  @Test
  void aStateBeginsAnewWhenTheLogHasLostEventsThatWereRead() {
    var log = new Log();
    var history = new LogHistory(log);
    log.append(1, "a", "b", "c");
    EventId last = history.read(null, ALL, reader);
    log.rewind(1, "00000002", "d");

    assertThat(history.read(last, ALL, reader)).isEqualTo(new EventId("00000002", 2));
    assertThat(read).containsExactly("1a", "2b", "3c", "restart", "1a", "2d");
  }

  @Test
  void aStateBeginsAnewWhenTheLogIsRewoundWhileItIsRead() {
    var log = new Log();
    log.append(1, "a", "b", "c");
    log.duringNextRead(() -> log.rewind(1, "00000002", "d", "d", "d", "d"));

    // The state of a module that has read two events.
    assertThat(new LogHistory(log).read(id(2), ALL, reader)).isEqualTo(new EventId("00000002", 5));
    assertThat(read).containsExactly("restart", "1a", "2d", "3d", "4d", "5d");
  }

  @Test
  void whatWasReadBeforeTheLogFailsStaysValid() {
    var log = new Log();
    log.append(1, "a");
    log.failReads(1);
    var history = new LogHistory(log);

    assertThatThrownBy(() -> history.read(null, ALL, reader))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the event log cannot be read now");
    assertThat(read).isEmpty();
  }
}
