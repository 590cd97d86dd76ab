package io.samband.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.samband.event.EventTooLargeException;
import io.samband.event.SSEEvent;
import jakarta.ws.rs.WebApplicationException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostedEventTest {
  private static SSEEvent read(String body) {
    return PostedEvent.read(body.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aBodyBecomesAnEvent() {
    SSEEvent event = read(
        "{\"timestamp\":\"2026-11-23T14:00:00Z\",\"data\":{\"b\":1,\"a\":[ ]},\"type\":\"x\"}");
    assertThat(event.toJson())
        .isEqualTo(
            "{\"type\":\"x\",\"data\":{\"b\":1,\"a\":[]},\"timestamp\":\"2026-11-23T14:00:00.000Z\"}");
    assertThat(read("{\"type\":\"x\",\"data\":null}").data()).isEqualTo("null");
  }

  @Test
  void nestingThatIsTooDeepIsNoEvent() {
    // The class of a JAX-RS answer needs a server; that it is asked for says what was decided.
    String deep = "{\"type\":\"x\",\"data\":" + "[".repeat(50_000) + "]".repeat(50_000) + "}";
    assertRefused(deep);
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
        "{\"type\":\"x\",\"data\":1}garbage"
      })
  void whatIsNoEventIsRefused(String body) {
    assertRefused(body);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"X\",\"data\":1}",
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
  void anEventThatIsTooLargeIsSaidToBe() {
    assertThatThrownBy(() -> read("{\"type\":\"x\",\"data\":\"" + "x".repeat(65_536) + "\"}"))
        .isInstanceOf(EventTooLargeException.class);
  }

  private static void assertRefused(String body) {
    assertThatThrownBy(() -> read(body)).isInstanceOf(WebApplicationException.class);
  }

  @FuzzTest
  void anyBodyIsAnEventOrIsRefused(FuzzedDataProvider data) {
    try {
      assertThat(PostedEvent.read(data.consumeRemainingAsBytes()).toJson())
          .startsWith("{\"type\":\"");
    } catch (WebApplicationException | InvalidEventException | EventTooLargeException e) {
      assertThat(e).isNotNull();
    }
  }
}
