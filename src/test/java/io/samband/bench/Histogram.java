package io.samband.bench;

/** Durations in nanoseconds, 128 steps per octave: off by less than 0.8 %. Not thread-safe. */
final class Histogram {
  private static final int STEPS = 128;
  private static final int STEP_BITS = 7;

  private final long[] counts = new long[(64 - STEP_BITS + 1) * STEPS];
  private long count;
  private long max;

  void add(long nanos) {
    long value = Math.max(0, nanos);
    counts[index(value)]++;
    count++;
    max = Math.max(max, value);
  }

  long count() {
    return count;
  }

  double maxMillis() {
    return max / 1e6;
  }

  /** The value that this share of all does not exceed, in milliseconds; NaN if there is none. */
  double millis(double quantile) {
    long wanted = Math.min(count - 1, (long) (quantile * count));
    long seen = 0;
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (seen > wanted && counts[i] > 0) {
        return Math.min(max, value(i)) / 1e6;
      }
    }
    return Double.NaN;
  }

  private static int index(long value) {
    if (value < STEPS) {
      return (int) value;
    }
    int exponent = 63 - Long.numberOfLeadingZeros(value);
    int step = (int) (value >> (exponent - STEP_BITS)) & (STEPS - 1);
    return (exponent - STEP_BITS + 1) * STEPS + step;
  }

  /** The middle of a step. */
  private static long value(int index) {
    if (index < STEPS) {
      return index;
    }
    int shift = index / STEPS - 1;
    return ((long) (STEPS + index % STEPS) << shift) + (1L << shift >> 1);
  }
}
