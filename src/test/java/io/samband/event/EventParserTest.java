package io.samband.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventParserTest {
  private static SSEEvent read(String body) {
    return SSEEvent.parse(body.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aBodyBecomesAnEvent() {
    SSEEvent event = read(
        "{\"timestamp\":\"2026-11-23T14:00:00Z\",\"data\":{\"b\":1,\"a\":[ ]},\"type\":\"x\"}");
    assertThat(event.toString())
        .isEqualTo(
            "{\"type\":\"x\",\"data\":{\"b\":1,\"a\":[]},\"timestamp\":\"2026-11-23T14:00:00.000Z\"}");
    assertThat(read("{\"type\":\"x\",\"data\":null}").data()).isEqualTo("null");
  }

  @Test
  void anAudienceIsReadAndIsNoPartOfTheJson() {
    SSEEvent event = read("{\"audience\":[\"station:B12\",\"user:k\\u00e5re\",\"station:B12\"],"
        + "\"type\":\"x\",\"data\":1,\"timestamp\":\"2026-11-23T14:00:00Z\"}");
    assertThat(event.audience()).isEqualTo(Audience.of("station:B12", "user:kåre"));
    assertThat(event.toString())
        .isEqualTo("{\"type\":\"x\",\"data\":1,\"timestamp\":\"2026-11-23T14:00:00.000Z\"}");
    assertThat(read("{\"type\":\"x\",\"data\":1}").audience()).isEqualTo(Audience.EVERYBODY);
  }

  @Test
  void nestingThatIsTooDeepIsNoEvent() {
    String deep = "{\"type\":\"x\",\"data\":" + "[".repeat(50_000) + "]".repeat(50_000) + "}";
    assertThatThrownBy(() -> read(deep)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nullsAndDigitsStayAsTheyWereWritten() {
    assertThat(
            read("{\"type\":\"x\",\"data\":{\"a\":null,\"b\":[null,1e3,0.10]}}").data())
        .isEqualTo("{\"a\":null,\"b\":[null,1e3,0.10]}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "\"x\"",
        "{",
        "{}",
        "{\"type\":\"x\"}",
        "{\"data\":1}",
        "{\"type\":1,\"data\":1}",
        "{\"type\":\"x\",\"data\":1,\"id\":5}",
        "{\"type\":\"x\",\"data\":1} {}",
        "{\"type\":\"x\",\"data\":1}]",
        "{\"type\":\"x\",\"type\":\"y\",\"data\":1}",
        "{\"type\":\"x\",\"data\":1,\"data\":2}",
        "{\"type\":\"x\",\"data\":1,\"audience\":null}",
        "{\"type\":\"x\",\"data\":1,\"audience\":\"user:kari\"}",
        "{\"type\":\"x\",\"data\":1,\"audience\":{\"user\":\"kari\"}}",
        "{\"type\":\"x\",\"data\":1,\"audience\":[null]}",
        "{\"type\":\"x\",\"data\":1,\"audience\":[1]}",
        "{\"type\":\"x\",\"data\":1,\"audience\":[\"user:kari\",[\"role:leader\"]]}",
        "{\"type\":\"x\",\"data\":1,\"audience\":[\"a:1\"],\"audience\":[\"a:2\"]}",
        "{\"type\":\"x\",\"data\":1,\"audience\":[\"a:1\"",
        "{\"type\":\"x\",\"data\":1}garbage"
      })
  void whatIsNoEventIsRefused(String body) {
    assertRefused(body);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"X\",\"data\":1}",
        "{\"type\":\"x\",\"data\":1,\"audience\":[]}",
        "{\"type\":\"x\",\"data\":1,\"audience\":[\"kari\"]}",
        "{\"type\":\"x\",\"data\":1,\"audience\":[\"a:1\",\"user:kari nordmann\"]}",
        "{\"type\":\"x\",\"data\":1,\"audience\":[\"user:\\ud800\"]}",
        "{\"type\":\"x\",\"data\":1,\"timestamp\":5}",
        "{\"type\":\"x\",\"data\":1,\"timestamp\":null}",
        "{\"type\":\"x\",\"data\":\"\\ud800\"}",
        "{\"type\":\"x\",\"data\":1,\"timestamp\":\"yesterday\"}",
        "{\"type\":\"x\",\"data\":1,\"timestamp\":\"+10000-01-01T00:00:00Z\"}"
      })
  void anEventWithValuesThatCannotBeIsInvalid(String body) {
    assertThatThrownBy(() -> read(body)).isInstanceOf(InvalidEventException.class);
  }

  @Test
  void anAudienceWithMoreThanSixteenAttributesIsInvalid() {
    String sixteen =
        IntStream.range(0, 16).mapToObj(i -> "\"a:" + i + "\"").collect(Collectors.joining(","));
    String event = "{\"type\":\"x\",\"data\":1,\"audience\":[";
    assertThat(read(event + sixteen + "]}").audience().attributes()).hasSize(16);
    assertThatThrownBy(() -> read(event + sixteen + ",\"a:16\"]}"))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageContaining("1 to 16");
  }

  @Test
  void anEventThatIsTooLargeIsSaidToBe() {
    assertThatThrownBy(() -> read("{\"type\":\"x\",\"data\":\"" + "x".repeat(65_536) + "\"}"))
        .isInstanceOf(EventTooLargeException.class);
  }

  private static void assertRefused(String body) {
    assertThatThrownBy(() -> read(body)).isInstanceOf(EventSyntaxException.class);
  }

  @FuzzTest
  void anyBodyIsAnEventOrIsRefused(FuzzedDataProvider data) {
    try {
      assertThat(SSEEvent.parse(data.consumeRemainingAsBytes()).toString())
          .startsWith("{\"type\":\"");
    } catch (EventSyntaxException | InvalidEventException | EventTooLargeException e) {
      assertThat(e).isNotNull();
    }
  }
}
