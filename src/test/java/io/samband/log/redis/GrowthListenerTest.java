package io.samband.log.redis;

import io.samband.settings.Settings;
import io.samband.testing.RedisServer;
import io.samband.testing.Rounds;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class GrowthListenerTest {
  private static final int ROUNDS = Rounds.of(500, 50_000);
  private static final int CONNECTED_NANOS = 2_000_000;

  /** Its thread closes the connection, too, if it finds out first. */
  @Test
  void isClosedAtAnyMoment() {
    Random random = Rounds.random(GrowthListenerTest.class);
    try (RedisServer server = RedisServer.start()) {
      Primary primary =
          new Primary(RedisSettings.of(Settings.of(Map.of("samband.redis.url", server.url()))));
      for (int round = 0; round < ROUNDS; round++) {
        GrowthListener listener = new GrowthListener(primary, "growth", "this node");
        LockSupport.parkNanos(random.nextInt(CONNECTED_NANOS));
        listener.close();
      }
    }
  }
}
