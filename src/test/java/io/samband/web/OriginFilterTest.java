package io.samband.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OriginFilterTest {
  @ParameterizedTest
  @CsvSource({
    "https://desk.example, desk.example",
    "https://desk.example, desk.example:443",
    "https://desk.example:443, desk.example",
    "http://desk.example, desk.example:80",
    "http://desk.example, DESK.example",
    "http://localhost:8080, localhost:8080",
    "http://[::1]:8080, [::1]:8080",
    "http://[::1], [::1]:80"
  })
  void thePageOfThisHostIsOurOwn(String origin, String host) {
    assertThat(OriginFilter.isSame(origin, host)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "https://desk.example, desk.example:8443",
    "http://desk.example, desk.example:443",
    "https://desk.example, desk.example:80",
    "https://evil-desk.example, desk.example",
    "https://desk.example.evil, desk.example",
    "ftp://desk.example, desk.example",
    "null, desk.example",
    "desk.example, desk.example",
    "https://desk.example,",
    "https://, ''"
  })
  void anyOtherOriginIsForeign(String origin, String host) {
    assertThat(OriginFilter.isSame(origin, host)).as(origin + " at " + host).isFalse();
  }
}
