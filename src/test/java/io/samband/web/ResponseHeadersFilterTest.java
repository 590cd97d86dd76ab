package io.samband.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponseHeadersFilterTest {
  @ParameterizedTest
  @CsvSource({
    "/api/sse/poll, no-store",
    "/api/nothing, no-store",
    "/, no-cache",
    "/index.html, no-cache",
    "/client/samband-client.js, no-cache",
    "'/assets/index-1f2e3d.js', 'public, max-age=31536000, immutable'"
  })
  void onlyFilesWithAHashInTheirNameAreKeptWithoutAsking(String path, String cacheControl) {
    assertThat(ResponseHeadersFilter.cacheControl(path)).isEqualTo(cacheControl);
  }
}
