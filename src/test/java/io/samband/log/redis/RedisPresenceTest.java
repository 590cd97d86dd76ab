package io.samband.log.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.presence.PresenceContract;
import io.samband.presence.PresenceStore;
import io.samband.settings.Settings;
import io.samband.testing.RedisServer;
import io.samband.testing.WrongClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

class RedisPresenceTest extends PresenceContract {
  private static final AtomicInteger LOGS = new AtomicInteger();
  private static final Map<Duration, RedisServer> WRONG = new HashMap<>();
  private static RedisServer server;

  private final String prefix = "presence-" + LOGS.incrementAndGet();

  @BeforeAll
  static void start() {
    server = RedisServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
    WRONG.values().forEach(RedisServer::close);
    WRONG.clear();
  }

  private PresenceStore store(RedisServer at, String incarnation, String name) {
    return RedisPresence.of(
        Settings.of(Map.of(
            "samband.redis.url",
            at.url(),
            "samband.redis.key-prefix",
            prefix,
            "samband.node.name",
            name)),
        incarnation);
  }

  @Override
  protected PresenceStore newStore(String incarnation, String name) {
    return store(server, incarnation, name);
  }

  @Override
  protected PresenceStore newStore(String incarnation, Duration ahead) {
    return store(
        WRONG.computeIfAbsent(ahead, by -> RedisServer.start(WrongClock.ahead(by))),
        incarnation,
        incarnation);
  }

  @Override
  protected void loseEverything() {
    try (Jedis jedis = server.client()) {
      jedis.flushAll();
    }
  }

  @Override
  protected void freezeServer() {
    server.freeze();
  }

  @Override
  protected void thawServer() {
    server.thaw();
  }

  @Test
  void nothingOfANodeThatWasKilledStays() {
    try (PresenceStore a = newStore("a", "a");
        PresenceStore b = newStore("b", "b")) {
      a.renew("5f3a9c21-7", 1);
      a.publish(2, List.of(new PresenceStore.Change(1, "{}")));
      try (Jedis jedis = server.client()) {
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
          assertThat(b.read(Map.of()).nodes()).isEmpty();
          assertThat(jedis.keys("{" + prefix + "}*")).isEmpty();
        });
      }
    }
  }

  @Test
  void aServerWhoseMemoryIsFullStillTellsWhoIsConnected() {
    try (RedisServer full = RedisServer.start("maxmemory 1mb");
        PresenceStore a = store(full, "a", "a")) {
      a.renew("5f3a9c21-7", 1);
      a.publish(2, List.of(new PresenceStore.Change(1, "{}")));
      assertThat(a.read(Map.of()).nodes()).hasSize(1);
    }
  }
}
