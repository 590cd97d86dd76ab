package io.samband.log;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.stream.LongStream;

/** Timers whose histograms have the same buckets, so that an append and its delivery can be laid side by side. */
public final class LatencyTimer {
  private static final long[] BUCKET_MILLIS = {
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000
  };

  private LatencyTimer() {}

  public static Timer of(String name, String description) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(
            LongStream.of(BUCKET_MILLIS).mapToObj(Duration::ofMillis).toArray(Duration[]::new))
        .register(Metrics.globalRegistry);
  }
}
