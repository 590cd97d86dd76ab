package io.samband.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientSchemeTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "                                  | https       | https",
        "                                  | HTTP        | http",
        "                                  | https,https | https",
        "                                  | https,http  | none",
        "                                  | ftp         | none",
        "for=1.2.3.4;proto=https           |             | https",
        "for=1.2.3.4;proto=\"http\";by=x   |             | http",
        "proto=https, proto=http           |             | none",
        "proto=https                       | http        | none",
        "noproto=https                     |             | none"
      })
  void whatAllHeadersSayCounts(String forwarded, String xForwardedProto, String scheme) {
    assertThat(ClientScheme.said(list(forwarded), list(xForwardedProto)).orElse("none"))
        .isEqualTo(scheme);
  }

  private static List<String> list(String header) {
    return header == null ? List.of() : List.of(header);
  }
}
