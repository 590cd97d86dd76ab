package io.samband.stream.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PacingTest {
  /** Times of nanoTime may overflow. */
  private final long start = Long.sum(Long.MAX_VALUE, -500);

  private final Pacing pacing = new Pacing(start);

  @Test
  void nothingIsDueUntilSomethingIsWanted() {
    assertThat(pacing.isDue(start)).isFalse();
    assertThat(pacing.isWaiting()).isFalse();
  }

  @Test
  void theFirstIsDueAtOnce() {
    pacing.want();
    assertThat(pacing.isDue(start)).isTrue();
  }

  @Test
  void afterAPassItRestsForAsLongAsThatTook() {
    pacing.want();
    pacing.passed(start, start + 1_000);
    pacing.want();
    assertThat(pacing.isWaiting()).isTrue();
    assertThat(pacing.isDue(start + 1_999)).isFalse();
    assertThat(pacing.waitNanos(start + 1_999)).isEqualTo(1);
    assertThat(pacing.isDue(start + 2_000)).isTrue();
  }

  @Test
  void aLongPassIsFollowedByABoundedRest() {
    pacing.want();
    long ended = start + 100 * Pacing.MAX_REST_NANOS;
    pacing.passed(start, ended);
    pacing.want();
    assertThat(pacing.waitNanos(ended)).isEqualTo(Pacing.MAX_REST_NANOS);
  }

  @Test
  void afterAPassNothingIsWanted() {
    pacing.want();
    pacing.passed(start, start + 10);
    assertThat(pacing.isDue(start + 1_000)).isFalse();
    assertThat(pacing.isWaiting()).isFalse();
  }
}
