package io.samband.log.redis;

import io.samband.log.shared.SharedEngineContract;
import io.samband.log.shared.SharedStore;
import io.samband.testing.RedisServer;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

class RedisSharedContractTest extends SharedEngineContract {
  private static final AtomicInteger LOGS = new AtomicInteger();

  private static RedisServer server;

  private final String prefix = "shared-" + LOGS.incrementAndGet();
  private final Stores stores = new Stores();

  @BeforeAll
  static void start() {
    server = RedisServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void closeStores() {
    stores.close();
  }

  @Override
  protected SharedStore newStore() {
    return stores.of(server, Map.of("samband.redis.key-prefix", prefix));
  }

  @Override
  protected void restartStorage() {
    server.kill();
    server.restart();
  }

  @Override
  protected void backUp() {
    server.backUp();
  }

  @Override
  protected void restoreBackUp() {
    server.restoreBackUp();
  }

  /** What is behind the last good transaction of its file, the server has never had. */
  @Override
  protected void loseTail(long newest) {
    server.kill();
    server.loseFrom("{" + prefix + "}:log", newest + 1);
    server.restart();
  }
}
