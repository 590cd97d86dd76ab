package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Fleet;
import io.samband.testing.LiveServer;
import io.samband.testing.Log;
import io.samband.testing.Rounds;
import io.samband.testing.SteadyPublisher;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** All clients leave at once without closing their streams, and as many come back, while events are published. */
class StormIT {
  private static final int SUBSCRIBERS = Rounds.of(500, 10_000);
  private static final int ROUNDS = Rounds.of(2, 4);
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final LiveServer server = LiveServer.shared();

  @Test
  void allLeaveAndAsManyComeBackAndEachIsServedAndMissesNothing() {
    try (SteadyPublisher publisher = SteadyPublisher.to(server.base(), Duration.ofMillis(20));
        // Unbounded: all connect at the same time.
        Fleet fleet =
            Fleet.of(server.base(), "api/sse", SUBSCRIBERS, Rounds.random(StormIT.class))) {
      fleet.add(SUBSCRIBERS);
      fleet.awaitOpen(PATIENCE);
      for (int round = 1; round <= ROUNDS; round++) {
        long start = System.nanoTime();
        fleet.leave(SUBSCRIBERS);
        fleet.add(SUBSCRIBERS);
        fleet.awaitOpen(PATIENCE);
        System.out.println("StormIT: round " + round + ", " + SUBSCRIBERS + " back after "
            + (System.nanoTime() - start) / 1_000_000 + " ms, " + fleet.tally());
      }
      // The others lose their connection, and resume.
      fleet.cut(SUBSCRIBERS);
      fleet.awaitOpen(PATIENCE);
      publisher.finish();
      String last = Log.newest(server.http());
      fleet.awaitCursor(Long.parseLong(last.substring(last.indexOf('-') + 1)), PATIENCE);

      Fleet.Tally tally = fleet.tally();
      System.out.println("StormIT: " + tally + " published=" + publisher.acknowledged());
      assertThat(tally.isFaultless()).as(tally.toString()).isTrue();
      assertThat(tally.resets()).isZero();
      assertThat(tally.refusals()).isZero();
      assertThat(publisher.answers()).containsOnlyKeys("202");
    }
  }
}
