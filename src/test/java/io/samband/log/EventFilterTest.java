package io.samband.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.samband.event.Audience;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

  private static EventHeader header(String type, Audience audience) {
    return new EventHeader(1, type, audience);
  }

  @Test
  void anEventIsTakenIfItsTypeIsAndItsAudienceIsEverybodyOrHasAnAttribute() {
    Audience station = Audience.of("station:B12", "role:leader");
    EventFilter kari = EventFilter.parse(List.of("a")).seenBy(Set.of("user:kari", "role:leader"));
    assertThat(kari.takes(header("a", station))).isTrue();
    assertThat(kari.takes(header("a", Audience.EVERYBODY))).isTrue();
    assertThat(kari.takes(header("a", Audience.of("user:ola")))).isFalse();
    assertThat(kari.takes(header("b", station))).isFalse();
    assertThat(kari.takes(header("b", Audience.EVERYBODY))).isFalse();
  }

  @Test
  void anIdentityWithoutAttributesSeesWhatIsForEverybody() {
    EventFilter none = EventFilter.ALL.seenBy(Set.of());
    assertThat(none.takes(header("a", Audience.EVERYBODY))).isTrue();
    assertThat(none.takes(header("a", Audience.of("user:kari")))).isFalse();
  }

  @Test
  void withoutAttributesEveryAudienceIsTakenButTheUnreadableOneIsNever() {
    assertThat(EventFilter.ALL.takes(header("a", Audience.of("user:kari")))).isTrue();
    assertThat(EventFilter.ALL.takes(header("a", Audience.NOBODY))).isFalse();
    assertThat(EventFilter.ALL.seenBy(Set.of("a:1")).takes(header("a", Audience.NOBODY)))
        .isFalse();
  }

  @Test
  void aFilterForAnIdentityIsACopyThatKeepsItsTypes() {
    Set<String> attributes = new HashSet<>(Set.of("user:kari"));
    EventFilter filter = EventFilter.parse(List.of("a")).seenBy(attributes);
    attributes.add("user:ola");
    assertThat(filter)
        .isEqualTo(new EventFilter(Set.of("a"), Set.of("user:kari")))
        .hasToString("a");
    assertThat(filter.seenBy(null)).isEqualTo(EventFilter.parse(List.of("a")));
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
