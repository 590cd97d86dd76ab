package io.samband.testing;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;

/**
 * How long a hammer runs: a short slice in every build, the full length with {@code -Psoak}.
 *
 * <p>What is random comes from {@link #random}, whose seed is printed; {@code -Dsamband.seed=N} repeats a run.
 */
public final class Rounds {
  private static final boolean SOAK = Boolean.getBoolean("samband.soak");

  private Rounds() {}

  public static int of(int slice, int full) {
    return SOAK ? full : slice;
  }

  public static Duration of(Duration slice, Duration full) {
    return SOAK ? full : slice;
  }

  /** For what is the same with every server: a slice does it with the one that starts faster. */
  public static void onceInABuild() {
    Assumptions.assumeTrue(
        SOAK || !ServerKind.PAYARA_MICRO.isCurrent(), "done with the other server");
  }

  /** For what proves nothing by itself and takes long. */
  public static void onlyInASoak() {
    Assumptions.assumeTrue(SOAK, "only with -Psoak");
  }

  /** The same numbers in every slice; others in every soak, which is there to find what is not known yet. */
  public static Random random(Class<?> test) {
    long seed =
        Long.getLong("samband.seed", SOAK ? System.nanoTime() : test.getName().hashCode());
    System.out.println(test.getSimpleName() + ": -Dsamband.seed=" + seed);
    return new Random(seed);
  }
}
