package io.samband.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class AudienceTest {
  @Test
  void attributesKeepTheirOrderAndCountOnce() {
    var audience = Audience.of("user:kari", "role:leader", "user:kari");
    assertThat(audience.attributes()).containsExactly("user:kari", "role:leader");
    assertThat(audience)
        .hasToString("user:kari,role:leader")
        .isEqualTo(Audience.of(List.of("user:kari", "role:leader")))
        .hasSameHashCodeAs(Audience.of("user:kari", "role:leader"))
        .isNotEqualTo(Audience.of("role:leader", "user:kari"));
    assertThatThrownBy(() -> audience.attributes().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void whoeverHasOneOfTheAttributesIsInTheAudience() {
    var audience = Audience.of("station:B12", "role:leader");
    assertThat(audience.includes(Set.of("user:kari", "role:leader"))).isTrue();
    assertThat(audience.includes(Set.of("station:B1", "role:Leader", "leader"))).isFalse();
    assertThat(audience.includes(Set.of())).isFalse();
    assertThat(audience.isEverybody() || audience.isNobody()).isFalse();
  }

  @Test
  void everybodyIncludesAllAndNobodyIncludesNone() {
    assertThat(Audience.EVERYBODY.includes(Set.of())).isTrue();
    assertThat(Audience.EVERYBODY.isEverybody()).isTrue();
    assertThat(Audience.EVERYBODY.isNobody()).isFalse();
    assertThat(Audience.NOBODY.includes(Set.of("user:kari"))).isFalse();
    assertThat(Audience.NOBODY.isNobody()).isTrue();
    assertThat(Audience.NOBODY.isEverybody()).isFalse();
    assertThat(Audience.NOBODY).isNotEqualTo(Audience.EVERYBODY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a:1", "user:kari", "a_1:B12", "s:æøå", "s:🚒", "s:a:b", "s:e\u0301"})
  void aNameAColonAndPrintableTextIsAnAttribute(String attribute) {
    assertThat(Audience.isAttribute(attribute)).isTrue();
    assertThat(Audience.of(attribute).attributes()).containsExactly(attribute);
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(
      strings = {
        "user",
        "user:",
        ":kari",
        "User:kari",
        "1user:kari",
        "_user:kari",
        "us er:kari",
        "us-er:kari",
        "øre:kari",
        " user:kari",
        "user:kari ",
        "user:kari nordmann",
        "user:kari,ola",
        "user:kari\n",
        "user:ka\rri",
        "user:ka\u0000ri",
        "user:ka\u0085ri",
        "user:ka\u00a0ri",
        "user:ka\u00adri",
        "user:ka\u200bri",
        "user:ka\u2028ri",
        "user:ka\u2029ri",
        "user:ka\u202eri",
        "user:ka\u2066ri",
        "user:ka\u3000ri",
        "user:ka\ufeffri",
        "user:ka\ue000ri",
        "user:ka\uffffri",
        "user:ka\ud800",
        "user:\udc00ka",
        "user:\udb40\udc41"
      })
  void whatCannotBeAnAttributeIsRefusedWithWhatIsAllowed(String attribute) {
    assertThat(Audience.isAttribute(attribute)).isFalse();
    assertThatThrownBy(() -> Audience.of("role:leader", attribute))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[a-z][a-z0-9_]*")
        .hasMessageContaining("128");
    assertThat(Audience.parse(attribute)).isEqualTo(Audience.NOBODY);
  }

  @Test
  void anAttributeHasAtMost128Characters() {
    assertThat(Audience.isAttribute("a:" + "x".repeat(126))).isTrue();
    assertThat(Audience.isAttribute("a:" + "x".repeat(127))).isFalse();
  }

  @Test
  void anAudienceHasOneToSixteenAttributes() {
    List<String> sixteen = IntStream.range(0, 16).mapToObj(i -> "a:" + i).toList();
    assertThat(Audience.of(sixteen).attributes()).isEqualTo(sixteen);
    String[] more = IntStream.range(0, 17).mapToObj(i -> "a:" + i).toArray(String[]::new);
    for (String[] wrong : new String[][] {more, {}, null}) {
      assertThatThrownBy(() -> Audience.of(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1 to 16 attributes");
    }
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", ",", "a:1,", ",a:1", "a:1,,a:2", "a:1,a:1", "a:1, a:2", "a", "[a:1]"})
  void aTextThatIsNoAudienceIsReadAsNobody(String text) {
    assertThat(Audience.parse(text)).isEqualTo(Audience.NOBODY);
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    var audience = Audience.of("user:kari", "station:æ\"\\:🚒");
    assertThat(Audience.parse(audience.toString())).isEqualTo(audience);
  }

  /** Whatever the text is, it is never taken for a larger audience than the one that it names. */
  @FuzzTest
  void anyTextIsAnAudienceThatReadsTheSameAgainOrIsNobody(FuzzedDataProvider data) {
    String text = data.consumeRemainingAsString();
    Audience audience = Audience.parse(text);
    assertThat(audience.isEverybody()).isFalse();
    if (audience.isNobody()) {
      assertThat(audience.attributes()).isEmpty();
    } else {
      assertThat(audience).hasToString(text);
      assertThat(audience.attributes()).hasSizeBetween(1, 16).allMatch(Audience::isAttribute);
      assertThat(Collections.disjoint(audience.attributes(), List.of("", ","))).isTrue();
    }
  }

  /** An attribute that is accepted can forge neither a line nor another attribute. */
  @FuzzTest
  void anyAttributeThatIsAcceptedIsOnePieceOfPrintableText(FuzzedDataProvider data) {
    String text = "user:" + data.consumeRemainingAsString();
    if (Audience.isAttribute(text)) {
      assertThat(text).hasSizeLessThanOrEqualTo(128).doesNotContain(",");
      assertThat(text.codePoints())
          .noneMatch(c -> Character.isISOControl(c)
              || Character.isWhitespace(c)
              || Character.isSpaceChar(c)
              || Character.isIdentifierIgnorable(c));
      assertThat(Audience.parse(Audience.of(text).toString())).isEqualTo(Audience.of(text));
    }
  }
}
