package io.samband.log.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Rounds;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogClockTest {
  private static final long YEAR = 365L * 86_400_000;

  private long wall = 1_800_000_000_000L;
  private long nanos = 42;
  private final LogClock clock = new LogClock(() -> wall, () -> nanos);

  private long after(long millis) {
    wall += millis;
    nanos += millis * 1_000_000;
    return clock.now();
  }

  @Test
  void itGoesAsTheMachinesClockGoes() {
    clock.start(0);
    long start = clock.now();
    assertThat(start).isEqualTo(wall);
    assertThat(after(1_000)).isEqualTo(start + 1_000);
  }

  @Test
  void aJumpForwardAndBackCostsMinutesAndNotEverything() {
    clock.start(0);
    long start = clock.now();
    wall += YEAR;
    for (int second = 0; second < 10; second++) {
      after(1_000);
    }
    wall -= YEAR;
    assertThat(after(1_000)).isBetween(start + 11_000, start + 10 * 60_000 + 2_000);
  }

  @Test
  void itNeverGoesBackAndDoesNotStandStillMeanwhile() {
    clock.start(0);
    long start = after(1_000);
    wall -= YEAR;
    assertThat(after(1_000)).isEqualTo(start + 1_000);
    assertThat(after(1_000)).isEqualTo(start + 2_000);
  }

  @Test
  void itGoesOnFromTheNewestEventAndCatchesUpWithADowntime() {
    clock.start(wall - 3_600_000);
    assertThat(clock.now()).isEqualTo(wall - 3_600_000);
    for (int second = 0; second < 62; second++) {
      after(1_000);
    }
    assertThat(clock.now()).isEqualTo(wall);
    clock.start(wall + YEAR);
    assertThat(after(1_000)).isEqualTo(wall - 1_000 + YEAR + 1_000);
  }

  /** A random history of a machine: it runs, its clock is set, and the process restarts. */
  @Test
  void throughAnyStepsAgesNeverShrinkAndNeverGrowMoreThanSixtyTimesAsFastAsTime() {
    Random random = Rounds.random(LogClockTest.class);
    for (int round = 0; round < Rounds.of(200, 20_000); round++) {
      var history = new LogClock(() -> wall, () -> nanos);
      history.start(0);
      long last = history.now();
      for (int step = 0; step < 200; step++) {
        switch (random.nextInt(8)) {
          case 0 -> wall += random.nextLong(-YEAR, YEAR);
          case 1 -> wall += random.nextLong(-10_000, 10_000);
          case 2 -> {
            history = new LogClock(() -> wall, () -> nanos);
            history.start(last);
          }
          default -> {}
        }
        long millis = random.nextLong(5_000);
        wall += millis;
        nanos += millis * 1_000_000;
        long now = history.now();
        assertThat(now - last).as("step " + step).isBetween(millis - 1, 60 * millis);
        last = now;
      }
    }
  }
}
