package io.samband.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdempotencyKeyTest {
  @Test
  void keysOfTheSameBodyAreEqual() {
    assertThat(IdempotencyKey.of("k", new byte[] {1}))
        .isEqualTo(IdempotencyKey.of("k", new byte[] {1}));
    assertThat(IdempotencyKey.of("k", new byte[] {1}).bodyHash())
        .isNotEqualTo(IdempotencyKey.of("k", new byte[] {2}).bodyHash())
        .hasSize(64);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "æ", "a\u0000", "a\n"})
  void aKeyIsPrintableAscii(String value) {
    assertThatThrownBy(() -> IdempotencyKey.of(value, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 to 255 printable ASCII");
    assertThatThrownBy(() -> IdempotencyKey.of("k".repeat(256), new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theKeysOfTwoUsersAreNeverTheSame() {
    IdempotencyKey key = IdempotencyKey.of("k", new byte[] {1});

    assertThat(key.ofSubject(null)).isEqualTo(key);
    assertThat(key.ofSubject("a")).isEqualTo(key.ofSubject("a")).isNotEqualTo(key);
    assertThat(key.ofSubject("a")).isNotEqualTo(key.ofSubject("b"));
    assertThat(key.ofSubject("a").bodyHash()).isEqualTo(key.bodyHash());
  }

  @FuzzTest
  void anyHeaderIsAKeyOrIsRefused(FuzzedDataProvider data) {
    String text = data.consumeRemainingAsString();
    try {
      assertThat(IdempotencyKey.of(text, new byte[0]).value()).hasSizeBetween(1, 255);
    } catch (IllegalArgumentException e) {
      assertThat(text).doesNotMatch("[!-~]{1,255}");
    }
  }
}
