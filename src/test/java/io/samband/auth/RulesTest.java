package io.samband.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.samband.settings.BadSettingException;
import io.samband.settings.Setting;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RulesTest {
  private static Rules rules(String text) {
    return Rules.parse(Setting.AUTH_SUBSCRIBE, text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "*:*                             | ''                | *",
        "dispatcher:*; wall:test         | wall              | test",
        "dispatcher:*; wall:test         | wall,dispatcher   | *",
        "dispatcher:*; wall:test         | guest             | ''",
        "wall:test,flash_message;wall:x  | wall              | flash_message,test,x",
        "*:test; leader:flash_message    | leader            | flash_message,test",
        "*:test; leader:flash_message    | ''                | test",
        "wall:*,test                     | wall              | *",
        "urn:desk:leader:test            | urn:desk:leader   | test",
        "' a:b ;; '                      | a                 | b",
        "''                              | a                 | ''",
        "Leader:test                     | leader            | ''"
      })
  void aRoleGivesTheTypesOfItsRulesAndOfThoseForEveryRole(String text, String roles, String types) {
    Set<String> has = new TreeSet<>(Arrays.asList(roles.split(",", -1)));

    assertThat(rules(text).typesOf(has)).hasToString(types);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a", "a:", ":b", "a:B", "a:b,", "a:b c", "a b:c", "a:b;c", "a,b:c", "a:-", "*"})
  void aBadRuleNamesTheKeyTheRuleAndTheForm(String text) {
    assertThatThrownBy(() -> rules(text))
        .isInstanceOf(BadSettingException.class)
        .hasMessageContaining("samband.auth.subscribe")
        .hasMessageContaining("role:type,type");
  }

  @Test
  void administratorsAreAListOfRoles() {
    Set<String> roles = Rules.roles(Setting.AUTH_ADMIN, " operator, chief,");

    assertThat(roles).containsExactly("chief", "operator");
    assertThat(Rules.hasOneOf(roles, Set.of("chief"))).isTrue();
    assertThat(Rules.hasOneOf(roles, Set.of("leader"))).isFalse();
    assertThat(Rules.hasOneOf(Set.of(), Set.of("leader"))).isFalse();
    assertThat(Rules.hasOneOf(Set.of("*"), Set.of())).isTrue();
    assertThatThrownBy(() -> Rules.roles(Setting.AUTH_ADMIN, "a b"))
        .isInstanceOf(BadSettingException.class);
  }

  @FuzzTest
  void whateverIsWrittenNobodyWithoutARoleGetsMoreThanTheRulesForEveryRoleGive(
      FuzzedDataProvider data) {
    String text = data.consumeRemainingAsString();
    try {
      Types types = rules(text).typesOf(Set.of());
      assertThat(types.isEmpty() || text.contains("*")).isTrue();
    } catch (BadSettingException e) {
      assertThat(e).hasMessageContaining("samband.auth.subscribe");
    }
  }
}
