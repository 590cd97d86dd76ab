package io.samband.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistogramTest {
  private final Histogram histogram = new Histogram();

  @ParameterizedTest
  @ValueSource(longs = {1, 127, 128, 129, 1_000, 999_999, 1_000_000, 77_000_000_000L})
  void aValueIsGivenBackWithinOnePercent(long nanos) {
    histogram.add(nanos);
    histogram.add(Long.MAX_VALUE / 2);

    assertThat(histogram.millis(0)).isCloseTo(nanos / 1e6, within(nanos / 1e8));
  }

  @Test
  void quantilesAreThoseOfTheValues() {
    for (int i = 1; i <= 1000; i++) {
      histogram.add(i * 1_000_000L);
    }

    assertThat(histogram.millis(0.5)).isCloseTo(500, within(5.0));
    assertThat(histogram.millis(0.99)).isCloseTo(990, within(10.0));
    assertThat(histogram.maxMillis()).isEqualTo(1000);
  }

  @Test
  void ofNothingThereIsNoQuantile() {
    assertThat(histogram.millis(0.5)).isNaN();
  }
}
