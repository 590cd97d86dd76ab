package io.samband.log.redis;

import static io.samband.log.redis.Stores.batch;
import static io.samband.log.redis.Stores.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.samband.log.LogOpenException;
import io.samband.log.LogState;
import io.samband.log.LogUnavailableException;
import io.samband.testing.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.params.ClientKillParams;

/** Servers that are refused, each with what has to be changed. */
class ServerChecksTest {
  @TempDir
  Path dir;

  private final Stores stores = new Stores();

  @AfterEach
  void closeStores() {
    stores.close();
  }

  @ParameterizedTest
  @CsvSource({
    "appendonly no, appendonly yes",
    "appendfsync everysec, appendfsync always",
    "appendfsync no, appendfsync always",
    "no-appendfsync-on-rewrite yes, no-appendfsync-on-rewrite no",
    "maxmemory-policy allkeys-lru, maxmemory-policy noeviction",
    "cluster-enabled yes, Redis Cluster"
  })
  void aServerThatCouldLoseEventsIsRefusedAndTheMessageSaysWhatToChange(
      String line, String message) {
    try (RedisServer server = RedisServer.start(line)) {
      RedisStore store = stores.of(server, Map.of());
      assertThatThrownBy(() -> store.open(0))
          .isInstanceOf(LogOpenException.class)
          .hasMessageContaining(message);
    }
  }

  @Test
  void aServerWhoseConfigurationWasChangedIsRefusedAtTheNextOpening() {
    try (RedisServer server = RedisServer.start();
        Jedis jedis = server.client()) {
      RedisStore store = stores.of(server, Map.of());
      store.open(0);
      jedis.configSet("appendfsync", "everysec");
      assertThatThrownBy(() -> store.open(0)).isInstanceOf(LogOpenException.class);
    }
  }

  @Test
  void aReplicaAndAPrimaryWithTooFewReplicasAreNotOpenedNow() {
    try (RedisServer primary = RedisServer.start();
        RedisServer replica = RedisServer.replicaOf(primary)) {
      RedisStore onReplica = stores.of(replica, Map.of());
      assertThatThrownBy(() -> onReplica.open(0))
          .isInstanceOf(LogUnavailableException.class)
          .hasMessageContaining("is a replica");
      RedisStore two = stores.of(primary, Map.of("samband.redis.replicas", "2"));
      assertThatThrownBy(() -> two.open(0))
          .isInstanceOf(LogUnavailableException.class)
          .hasMessageContaining("has 1 replicas");
      RedisStore one = stores.of(primary, Map.of("samband.redis.replicas", "1"));
      assertThatCode(() -> one.open(0)).doesNotThrowAnyException();
    }
  }

  @Test
  void aServerThatForbidsConfigIsCheckedByWhatInfoSays() {
    try (RedisServer server = RedisServer.start("rename-command CONFIG \"\"")) {
      RedisStore store = stores.of(server, Map.of());
      assertThatCode(() -> store.open(0)).doesNotThrowAnyException();
    }
    try (RedisServer server = RedisServer.start("rename-command CONFIG \"\"", "appendonly no")) {
      RedisStore store = stores.of(server, Map.of());
      assertThatThrownBy(() -> store.open(0))
          .isInstanceOf(LogOpenException.class)
          .hasMessageContaining("appendonly");
    }
  }

  @Test
  void theUserOfTheSampleConfigurationMayDoAllThatIsNeededAndNothingElse() throws IOException {
    String user = Files.readAllLines(Path.of("server-config/redis/redis.conf")).stream()
        .filter(line -> line.startsWith("# user samband "))
        .findFirst()
        .orElseThrow()
        .substring(2)
        .replace("<password>", "secret");
    Path password = Files.writeString(dir.resolve("password"), "secret\n");
    try (RedisServer server = RedisServer.start(user)) {
      Map<String, String> settings = Map.of(
          "samband.redis.url",
          "redis://samband@" + server.at(),
          "samband.redis.password-file",
          password.toString());
      RedisStore store = stores.of(settings);
      LogState state = store.open(0);
      store.append(state.epoch(), batch("a", 1, entry("x")));
      assertThat(Stores.contents(store, store.head(state))).containsExactly("1 x");
      store.trim(new io.samband.log.Retention(1, 1, 1));
      try (Jedis jedis = server.client()) {
        jedis.auth("samband", "secret");
        assertThatThrownBy(() -> jedis.get("other")).hasMessageContaining("NOPERM");
        assertThatThrownBy(jedis::flushAll).hasMessageContaining("NOPERM");
        assertThatThrownBy(() -> jedis.configSet("save", "")).hasMessageContaining("NOPERM");
      }
    }
  }

  @Test
  void aPasswordIsReadAgainForEachConnectionAndAWrongOneIsRefused() throws IOException {
    Path password = Files.writeString(dir.resolve("password"), "first");
    try (RedisServer server = RedisServer.start();
        Jedis jedis = server.client()) {
      jedis.configSet("requirepass", "first");
      jedis.auth("first");
      RedisStore store =
          stores.of(server, Map.of("samband.redis.password-file", password.toString()));
      store.open(0);
      assertThat(store.head(null)).isNotNull();
      jedis.configSet("requirepass", "second");
      assertThatThrownBy(() -> store.open(0))
          .isInstanceOf(LogOpenException.class)
          .hasMessageContaining("samband.redis.password-file");
      Files.writeString(password, "second");
      LogState state = store.open(0);
      // All connections have to be made again, also those that were there before.
      jedis.clientKill(ClientKillParams.clientKillParams()
          .type(ClientType.NORMAL)
          .skipMe(ClientKillParams.SkipMe.YES));
      assertThat(store.head(state)).isEqualTo(state);
    }
  }

  @Test
  void aServerThatIsNotThereCanBeOpenedLater() {
    try (RedisServer server = RedisServer.start()) {
      server.kill();
      RedisStore store = stores.of(server, Map.of());
      assertThatThrownBy(() -> store.open(0)).isInstanceOf(LogUnavailableException.class);
      server.restart();
      assertThatCode(() -> store.open(0)).doesNotThrowAnyException();
    }
  }
}
