package io.samband.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptFilterTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "*/*",
        "text/event-stream",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
        "text/html; q=1, image/gif; q=0.2",
        "application/json;charset=utf-8;q=0.5",
        "text/plain;version=\"1.0\""
      })
  void whatProgramsSendIsWellFormed(String accept) {
    assertThat(AcceptFilter.isWellFormed(accept)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        ";",
        ",",
        "text",
        "text/",
        "/html",
        "*/html",
        "a/b/c",
        "text/html;q",
        "text/html;q=",
        "text/html;q=high",
        "text/html;q=2",
        "text/html;q=-1",
        "text/html;;",
        "text/html,,*/*",
        "text/html;charset=\"",
        "text/\u00e6",
        "${jndi:ldap://x}"
      })
  void whatIsNoListOfMediaRangesIsIgnored(String accept) {
    assertThat(AcceptFilter.isWellFormed(accept)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {501, 10_000})
  void aHeaderOfManyRangesIsIgnored(int ranges) {
    assertThat(AcceptFilter.isWellFormed("a/b".concat(",a/b".repeat(ranges)))).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/json | true",
        "application/json; charset=UTF-8 | true",
        "application/json; | true",
        "multipart/form-data; boundary=\"x y\" | true",
        "x | false",
        "application/ | false",
        "application/json, text/plain | false",
        "application/json;charset=\" | false"
      })
  void whatIsNoMediaTypeIsNoContentType(String contentType, boolean isMediaType) {
    assertThat(AcceptFilter.isMediaType(contentType)).isEqualTo(isMediaType);
  }
}
