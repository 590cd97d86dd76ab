package io.samband.stream.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.event.Audience;
import io.samband.event.EventId;
import io.samband.log.LoggedEvent;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {
  private static String frame(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    Frame frame =
        Frame.of(new LoggedEvent(new EventId("0a0b0c0d", 7), "a", Audience.EVERYBODY, bytes));
    return new String(frame.bytes(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x85, 0x2028, 0x2029})
  void noClientCanSplitALineWhereUnicodeHasALineSeparator(int separator) {
    String raw = Character.toString(separator);
    String escape = String.format("\\u%04x", separator);
    assertThat(frame("{\"data\":\"" + raw + "one" + raw + raw + "two" + raw + "\"}"))
        .isEqualTo("id: 0a0b0c0d-7\ndata: {\"data\":\"" + escape + "one" + escape + escape + "two"
            + escape + "\"}\n\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{}", "{\"data\":\"bl\u00e5b\u00e6r \u2027 \u202a \u0086 \ud83d\ude92\"}"})
  void everythingElseStaysAsItIs(String json) {
    assertThat(frame(json)).isEqualTo("id: 0a0b0c0d-7\ndata: " + json + "\n\n");
  }
}
