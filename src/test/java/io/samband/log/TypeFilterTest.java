package io.samband.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class TypeFilterTest {
  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(strings = " ")
  void noTypesMeansAll(String types) {
    assertThat(TypeFilter.parse(types)).isEqualTo(TypeFilter.ALL);
    assertThat(TypeFilter.ALL.takes("anything")).isTrue();
  }

  @Test
  void onlyTheNamedTypesAreTaken() {
    TypeFilter filter = TypeFilter.parse("b, a,b");
    assertThat(filter.takes("a")).isTrue();
    assertThat(filter.takes("c")).isFalse();
    assertThat(filter).hasToString("a,b").isEqualTo(TypeFilter.parse("a,b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {",", "a,", ",a", "a,,b", "A", "a;b", "a b", "*"})
  void whatCannotBeATypeIsRefused(String types) {
    assertThatThrownBy(() -> TypeFilter.parse(types))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[a-z][a-z0-9_]{0,63}");
  }

  @Test
  void moreThanAHundredNamesAreRefused() {
    String hundred =
        IntStream.range(0, 100).mapToObj(i -> "t" + i).collect(Collectors.joining(","));
    assertThat(TypeFilter.parse(hundred).types()).hasSize(100);
    assertThatThrownBy(() -> TypeFilter.parse(hundred + ",more"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @FuzzTest
  void anyTextIsAFilterOrIsRefused(FuzzedDataProvider data) {
    String text = data.consumeRemainingAsString();
    try {
      TypeFilter filter = TypeFilter.parse(text);
      assertThat(TypeFilter.parse(filter.toString())).isEqualTo(filter);
    } catch (IllegalArgumentException e) {
      assertThat(text).isNotBlank();
    }
  }
}
