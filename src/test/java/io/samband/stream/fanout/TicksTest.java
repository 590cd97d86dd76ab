package io.samband.stream.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TicksTest {
  private static final long LIMIT_NANOS = Ticks.LIMIT.toNanos();

  /** Times of nanoTime may overflow. */
  private final long start = Long.sum(Long.MAX_VALUE, -500);

  private final Ticks ticks = new Ticks(start, Ticks.LIMIT);

  @Test
  void aTickThatTheTimerAsksForIsTakenOnce() {
    ticks.request();
    assertThat(ticks.take(start + Ticks.MIN_NANOS)).isTrue();
    assertThat(ticks.take(start + Ticks.MIN_NANOS + 1)).isFalse();
  }

  @Test
  void withoutTheTimerATickComesByItself() {
    assertThat(ticks.waitNanos(start)).isEqualTo(LIMIT_NANOS);
    assertThat(ticks.take(start + LIMIT_NANOS - 1)).isFalse();
    assertThat(ticks.take(start + LIMIT_NANOS)).isTrue();
    assertThat(ticks.take(start + 2 * LIMIT_NANOS - 1)).isFalse();
    assertThat(ticks.take(start + 2 * LIMIT_NANOS)).isTrue();
  }

  @Test
  void ticksThatATimerMakesUpForAllAtOnceAreOne() {
    ticks.request();
    assertThat(ticks.take(start + Ticks.MIN_NANOS)).isTrue();
    for (int i = 1; i < 3_600; i++) {
      ticks.request();
      assertThat(ticks.take(start + Ticks.MIN_NANOS + i)).isFalse();
    }
  }
}
