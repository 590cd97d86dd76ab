package io.samband.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteOrderMarkFilterTest {
  @ParameterizedTest
  @CsvSource({"\uFEFF{}, {}", "{}, {}", "'', ''", "\uFEFF, ''", "{, {", "\uFEFF\uFEFF1, \uFEFF1"})
  void oneMarkAtTheBeginningIsDropped(String sent, String read) throws IOException {
    var body = new ByteArrayInputStream(sent.getBytes(StandardCharsets.UTF_8));
    assertThat(ByteOrderMarkFilter.withoutMark(body).readAllBytes())
        .isEqualTo(read.getBytes(StandardCharsets.UTF_8));
  }
}
