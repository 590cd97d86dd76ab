package io.samband.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.event.EventHistory;
import io.samband.event.EventId;
import io.samband.event.SSEEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LogHistoryTest {
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
      List<String> read = new ArrayList<>();
      EventHistory history = new LogHistory(log);
      EventId id = history.read(0, Set.of("a"), event -> read.add(event.data()));

      assertThat(read).containsExactly("1", "4");
      assertThat(id.offset()).as("past what is left out").isEqualTo(5);
    }
  }
}
