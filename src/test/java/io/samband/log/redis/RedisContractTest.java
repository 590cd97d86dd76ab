package io.samband.log.redis;

import io.samband.log.LogEngine;
import io.samband.log.LogEngineContract;
import io.samband.log.Retention;
import io.samband.log.shared.SharedEngine;
import io.samband.testing.RedisServer;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

class RedisContractTest extends LogEngineContract {
  private static final AtomicInteger LOGS = new AtomicInteger();

  private static RedisServer server;

  private final String prefix = "contract-" + LOGS.incrementAndGet();
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
  protected LogEngine newEngine(long retainEvents) {
    return new SharedEngine(
        stores.of(server, Map.of("samband.redis.key-prefix", prefix)),
        new Retention(retainEvents, 1L << 40, 1L << 40));
  }

  @Override
  protected void restartStorage() {
    server.kill();
    server.restart();
  }

  @Override
  protected boolean keepsCursorsAtALostTip() {
    return true;
  }
}
