package io.samband.stream.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.samband.stream.fanout.SubscriberState.Input;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The whole table: each state with each input. {@code -} means that it cannot happen. */
class SubscriberStateTest {
  private static final String TABLE = """
      state             WRITABLE   FULL              SETTLED  BEHIND     PAGE     END
      IDLE              IDLE       BLOCKED           -        -          -        CLOSED
      READY             READY      BLOCKED           IDLE     REPLAYING  -        CLOSED
      BLOCKED           READY      BLOCKED           -        -          -        CLOSED
      REPLAYING         REPLAYING  REPLAYING_BLOCKED -        -          READY    CLOSED
      REPLAYING_BLOCKED REPLAYING  REPLAYING_BLOCKED -        -          BLOCKED  CLOSED
      CLOSED            CLOSED     CLOSED            CLOSED   CLOSED     CLOSED   CLOSED
      """;

  static List<Arguments> cells() {
    List<String[]> rows = TABLE.lines().map(line -> line.split(" +", -1)).toList();
    List<Arguments> cells = new ArrayList<>();
    for (String[] row : rows.subList(1, rows.size())) {
      for (int column = 1; column < row.length; column++) {
        cells.add(Arguments.of(
            SubscriberState.valueOf(row[0]), Input.valueOf(rows.get(0)[column]), row[column]));
      }
    }
    assertThat(cells).hasSize(SubscriberState.values().length * Input.values().length);
    return cells;
  }

  @ParameterizedTest
  @MethodSource("cells")
  void theStateAfterAnInput(SubscriberState state, Input input, String expected) {
    if (expected.equals("-")) {
      assertThatThrownBy(() -> state.after(input)).isInstanceOf(IllegalStateException.class);
    } else {
      assertThat(state.after(input)).isEqualTo(SubscriberState.valueOf(expected));
    }
  }
}
