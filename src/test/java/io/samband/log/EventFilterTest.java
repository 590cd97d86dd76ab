package io.samband.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.samband.event.Audience;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class EventFilterTest {
  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(strings = " ")
  void noTypesMeansAll(String types) {
    assertThat(EventFilter.parse(Collections.singletonList(types))).isEqualTo(EventFilter.ALL);
    assertThat(EventFilter.ALL.takes(new EventHeader(1, "anything", Audience.EVERYBODY)))
        .isTrue();
  }

  @Test
  void aRepeatedParameterAddsItsTypes() {
    assertThat(EventFilter.parse(List.of("b", "", "a,b"))).hasToString("a,b");
    assertThat(EventFilter.parse(List.of())).isEqualTo(EventFilter.ALL);
    assertThat(EventFilter.parse(null)).isEqualTo(EventFilter.ALL);
  }

  @Test
  void onlyTheNamedTypesAreTaken() {
    EventFilter filter = EventFilter.parse(Collections.singletonList("b, a,b"));
    assertThat(filter.takes(new EventHeader(1, "a", Audience.EVERYBODY))).isTrue();
    assertThat(filter.takes(new EventHeader(1, "c", Audience.EVERYBODY))).isFalse();
    assertThat(filter)
        .hasToString("a,b")
        .isEqualTo(EventFilter.parse(Collections.singletonList("a,b")));
  }

  @ParameterizedTest
  @ValueSource(strings = {",", "a,", ",a", "a,,b", "A", "a;b", "a b", "*"})
  void whatCannotBeATypeIsRefused(String types) {
    assertThatThrownBy(() -> EventFilter.parse(Collections.singletonList(types)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[a-z][a-z0-9_]{0,63}");
  }

  @Test
  void moreThanAHundredNamesAreRefused() {
    String hundred =
        IntStream.range(0, 100).mapToObj(i -> "t" + i).collect(Collectors.joining(","));
    assertThat(EventFilter.parse(Collections.singletonList(hundred)).types()).hasSize(100);
    assertThatThrownBy(() -> EventFilter.parse(Collections.singletonList(hundred + ",more")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @FuzzTest
  void anyTextIsAFilterOrIsRefused(FuzzedDataProvider data) {
    String text = data.consumeRemainingAsString();
    try {
      EventFilter filter = EventFilter.parse(Collections.singletonList(text));
      assertThat(EventFilter.parse(Collections.singletonList(filter.toString())))
          .isEqualTo(filter);
    } catch (IllegalArgumentException e) {
      assertThat(text).isNotBlank();
    }
  }
}
