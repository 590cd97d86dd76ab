package io.samband.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class EventIdTest {
  @Test
  void anIdIsReadAsItIsWritten() {
    var id = new EventId("5f3a9c21", 42);
    assertThat(id).hasToString("5f3a9c21-42");
    assertThat(EventId.parse("5f3a9c21-42")).contains(id);
    assertThat(EventId.parse("5f3a9c21-0")).contains(new EventId("5f3a9c21", 0));
    assertThat(EventId.parse("5f3a9c21-999999999999999999")).isPresent();
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(
      strings = {
        "5f3a9c21",
        "5f3a9c21-",
        "-42",
        "5F3A9C21-42",
        "5f3a9c2-42",
        "5f3a9c211-42",
        "5f3a9c21-042",
        "5f3a9c21--1",
        "5f3a9c21-+1",
        "5f3a9c21-1 ",
        " 5f3a9c21-1",
        "5f3a9c21-1.0",
        "5f3a9c21-٣",
        "5f3a9c21-9223372036854775808",
        "5f3a9c21-1000000000000000000",
        "5f3a9c21-1\n",
        "null"
      })
  void anIdHasOneSpellingOnly(String garbage) {
    assertThat(EventId.parse(garbage)).isEmpty();
  }

  @Test
  void anIdThatCannotBeIsNotMade() {
    assertThatThrownBy(() -> new EventId("ABCDEF01", 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new EventId("abcdef01", -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @FuzzTest
  void whateverAClientSendsIsAnIdOrIsNot(FuzzedDataProvider data) {
    String text = data.consumeRemainingAsString();
    EventId.parse(text).ifPresent(id -> assertThat(id).hasToString(text));
  }
}
