package io.samband.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CallsTest {
  private final Calls calls = new Calls("/push/v1");

  @ParameterizedTest
  @CsvSource({
    "/push/v1/sse, /sse",
    "/push/v1/sse/, /sse/",
    "/push/v1/sse/poll, /sse/poll",
    "/push/v1/health/ready, /health/ready",
    "/push/v1/metrics, /metrics"
  })
  void aCallIsWhatFollowsThePath(String path, String call) {
    assertThat(calls.callOf(path)).contains(call);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/sse",
        "/api/sse",
        "/push/v1",
        "/push/v1/",
        "/push/v1/ssex",
        "/push/v1/x/sse"
      })
  void everyOtherPathBelongsToTheApplication(String path) {
    assertThat(calls.callOf(path)).isEmpty();
  }

  @Test
  void thePatternsMatchNothingElse() {
    assertThat(calls.patterns())
        .containsExactly(
            "/push/v1/sse/*",
            "/push/v1/health/*",
            "/push/v1/metrics/*",
            "/push/v1/openapi.json/*",
            "/push/v1/asyncapi.json/*");
  }
}
