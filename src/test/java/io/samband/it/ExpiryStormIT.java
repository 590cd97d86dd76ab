package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Fleet;
import io.samband.testing.Rounds;
import io.samband.testing.SecuredServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Ten thousand streams whose tokens expire in the same second. */
class ExpiryStormIT {
  private static final int STREAMS = 10_000;
  private static final Duration LIFE = Duration.ofSeconds(90);
  private static final Duration PATIENCE = Duration.ofSeconds(80);

  @Test
  void theyEndInTimeAndDoNotComeBackInTheSameSecond() {
    Rounds.onlyInASoak();
    try (SecuredServer secured = new SecuredServer(Map.of(
        "samband.auth.jwt.clock-skew-millis", "0",
        "samband.stream.max-subscribers-per-user", "0",
        "samband.stream.keepalive-millis", "15000"))) {
      Instant end = Instant.ofEpochSecond(Instant.now().plus(LIFE).getEpochSecond());
      Map<String, Object> claims = secured.mint().claims(Instant.now());
      claims.put("exp", end.getEpochSecond());
      String token = secured.mint().token(claims);
      try (Fleet fleet = Fleet.of(
          secured.server().base(),
          "api/sse",
          200,
          Rounds.random(ExpiryStormIT.class),
          "Authorization",
          "Bearer " + token)) {
        fleet.add(STREAMS);
        fleet.awaitOpen(PATIENCE);
        assertThat(Instant.now())
            .as("all are open before they are ended")
            .isBefore(end.minusSeconds(11));

        Awaitility.await()
            .atMost(LIFE.plusSeconds(10))
            .pollInterval(Duration.ofMillis(20))
            .until(() -> fleet.open() == 0);

        Instant ended = Instant.now();
        List<Long> told = fleet.tally().toldMillis();
        Map<Long, Integer> bySecond = new TreeMap<>();
        told.forEach(millis -> bySecond.merge(millis / 1_000, 1, Integer::sum));
        System.out.println("ExpiryStormIT: all ended "
            + Duration.between(ended, end).toMillis() + " ms before the end, told=" + told.size()
            + " by second=" + bySecond);
        assertThat(ended).isBefore(end.plusSeconds(1));
        assertThat(told).hasSizeGreaterThan(STREAMS * 9 / 10);
        assertThat(bySecond.values())
            .allSatisfy(each -> assertThat(each).isLessThan(told.size() / 4));
        assertThat(fleet.tally().isFaultless()).isTrue();
      }
    }
  }
}
