package io.samband.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private final Backoff backoff = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(1));

  @Test
  void eachDelayIsTwiceTheOneBeforeUpToTheLimit() {
    assertThat(backoff.nextMillis()).isEqualTo(200);
    assertThat(backoff.nextMillis()).isEqualTo(400);
    assertThat(backoff.nextMillis()).isEqualTo(800);
    assertThat(backoff.nextMillis()).isEqualTo(1_000);
    assertThat(backoff.nextMillis()).isEqualTo(1_000);
  }

  @Test
  void afterASuccessTheDelaysStartAnew() {
    backoff.nextMillis();
    backoff.nextMillis();
    backoff.reset();
    assertThat(backoff.nextMillis()).isEqualTo(200);
  }
}
