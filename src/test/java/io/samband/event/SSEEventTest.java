package io.samband.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SSEEventTest {
  private static final Instant TIME = Instant.parse("2026-11-23T14:00:00.123456Z");

  @AfterEach
  void restoreLimit() {
    SSEEvent.limitDataBytes(SSEEvent.DEFAULT_MAX_DATA_BYTES);
  }

  private static SSEEvent event(String data) {
    return new SSEEvent("test", data, TIME);
  }

  @Test
  void theKeysStandInTheOrderOfTheContractAndTimeHasThreeDigits() {
    assertThat(event("{\"b\":1}").toString())
        .isEqualTo(
            "{\"type\":\"test\",\"data\":{\"b\":1},\"timestamp\":\"2026-11-23T14:00:00.123Z\"}");
    assertThat(new SSEEvent("test", "1", Instant.parse("2026-11-23T14:00:00Z")).toString())
        .endsWith("\"2026-11-23T14:00:00.000Z\"}");
  }

  public record Flash(String text, int urgency, List<String> units) {}

  @Test
  void anyObjectIsDataAndNothingIsNull() {
    var flash = new Flash("Bilbrann E6 nord", 2, List.of("A1"));
    assertThat(SSEEvent.of(SSEEventType.FLASH_MESSAGE, flash).data())
        .isEqualTo("{\"text\":\"Bilbrann E6 nord\",\"units\":[\"A1\"],\"urgency\":2}");
    assertThat(SSEEvent.of("test", null).data()).isEqualTo("null");
    assertThat(SSEEvent.of("test", Map.of("a", 1)).data()).isEqualTo("{\"a\":1}");
    assertThat(SSEEvent.of("test", "tekst").data()).isEqualTo("\"tekst\"");
  }

  public record Patient(String name, Integer age, Instant seen) {}

  @Test
  void nullMembersStayAndTimesAreIso8601() {
    assertThat(SSEEvent.of("test", new Patient(null, null, Instant.EPOCH)).data())
        .isEqualTo("{\"age\":null,\"name\":null,\"seen\":\"1970-01-01T00:00:00Z\"}");
  }

  @Test
  void anEventForAnAudienceIsANewEventWithTheSameBytes() {
    SSEEvent event = event("1");
    SSEEvent addressed = event.to("station:B12", "role:leader");
    assertThat(event.audience()).isEqualTo(Audience.EVERYBODY);
    assertThat(addressed.audience()).isEqualTo(Audience.of("station:B12", "role:leader"));
    assertThat(addressed.json()).isSameAs(event.json());
    assertThat(addressed.data()).isEqualTo("1");
    assertThat(addressed.type()).isEqualTo("test");
    assertThat(addressed.timestamp()).isEqualTo(event.timestamp());
    assertThat(addressed.to("user:kari").audience()).isEqualTo(Audience.of("user:kari"));
    addressed.settle(new PublishOutcome.Lost("full"));
    assertThat(event.outcome().toCompletableFuture()).isNotDone();
  }

  @Test
  void anEventForNoAttributesIsRefusedBecauseItWouldBeForEverybody() {
    SSEEvent event = event("1");
    for (String[] wrong : new String[][] {{}, null, {null}, {"kari"}, {"user:kari", ""}}) {
      assertThatThrownBy(() -> event.to(wrong)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void theEventIsEncodedOnceAndTellsWhatBecameOfIt() {
    SSEEvent event = event("1");
    assertThat(event.json()).isSameAs(event.json()).asString().isEqualTo(event.toString());
    assertThat(event.outcome().toCompletableFuture()).isNotDone();
    PublishOutcome lost = new PublishOutcome.Lost("full");
    event.settle(lost);
    event.settle(new PublishOutcome.Waiting("later"));
    assertThat(event.outcome().toCompletableFuture()).isCompletedWithValue(lost);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "` { \"a\" : [ 1 , 2 ] }\n`|{\"a\":[1,2]}",
        "`\"a\\nb\"`|\"a\\nb\"",
        "`\"\\u00e6\\u2028\u2029\u0085\"`|`\"æ\\u2028\\u2029\\u0085\"`",
        "true|true",
        "-0.50|-0.50",
        "1e3|1e3",
        "[]|[]"
      })
  void jsonIsKeptOnOneLine(String json, String line) {
    assertThat(event(json).data()).isEqualTo(line).doesNotContain("\n", "\r");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "1,2",
        "1],[2",
        "1]",
        "]",
        "{",
        "{\"a\":}",
        "{a:1}",
        "'a'",
        "tru",
        "\"a",
        "\"\\ud800\"",
        "01",
        "1 2",
        "{} {}",
        "//c\n1",
        "\"\t\"",
        "NaN",
        "1e99999999999",
        "\u0000"
      })
  void whatIsNotExactlyOneValueIsRefused(String json) {
    assertThatThrownBy(() -> event(json)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nestingThatIsTooDeepIsRefusedAndDoesNoHarm() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    assertThatThrownBy(() -> event(deep)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theLimitCountsBytesAndIsExact() {
    SSEEvent.limitDataBytes(10);
    assertThat(event("\"ææææ\"").data()).hasSize(6);
    assertThatThrownBy(() -> event("\"ææææa\""))
        .isInstanceOf(EventTooLargeException.class)
        .hasMessageContaining("11 bytes")
        .hasMessageContaining("limit is 10");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A", "a-b", "1a", "_a", "æ", "a b", "a\n"})
  void aTypeThatCannotBeIsRefused(String type) {
    assertThatThrownBy(() -> SSEEvent.of(type, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[a-z][a-z0-9_]{0,63}");
  }

  @Test
  void theLongestTypeHas64Characters() {
    assertThat(SSEEvent.isType("a".repeat(64))).isTrue();
    assertThat(SSEEvent.isType("a".repeat(65))).isFalse();
    assertThat(SSEEvent.isType(null)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-000001-01-01T00:00:00Z", "+10000-01-01T00:00:00Z"})
  void aTimeThatHasNoFourDigitYearIsRefused(String time) {
    assertThatThrownBy(() -> new SSEEvent("test", "1", Instant.parse(time)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SSEEvent("test", "1", null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SSEEvent("test", null, TIME))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @FuzzTest
  void anyTextIsOneLineOfJsonOrIsRefused(FuzzedDataProvider fuzz) {
    String json = fuzz.consumeRemainingAsString();
    String data;
    try {
      data = event(json).data();
    } catch (IllegalArgumentException e) {
      return;
    }
    assertThat(data).doesNotContain("\n").doesNotContain("\r").doesNotContain("\u0000");
    assertThat(event(data).data()).isEqualTo(data);
  }
}
