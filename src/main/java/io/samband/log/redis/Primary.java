package io.samband.log.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.samband.log.LogOpenException;
import io.samband.log.LogUnavailableException;
import io.samband.settings.Setting;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.DefaultRedisCredentials;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisCredentials;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisException;

/** Finds the server that takes writes, and connects to it; every step has a time limit. Thread-safe. */
final class Primary {
  private static final System.Logger LOG = System.getLogger(Primary.class.getName());

  /** In ms. A connection is made in less than one on a network that works. */
  private static final int CONNECT_MILLIS = 2_000;

  /** In ms. Sentinels answer from memory; there are others to ask. */
  private static final int SENTINEL_MILLIS = 1_000;

  private final RedisSettings settings;
  private final AtomicInteger nextSentinel = new AtomicInteger();

  Primary(RedisSettings settings) {
    this.settings = settings;
  }

  /** Where the primary is now, as far as anybody knows. */
  HostAndPort find() {
    if (!settings.hasSentinels()) {
      return settings.hosts().get(0);
    }
    List<HostAndPort> sentinels = settings.hosts();
    // Each time another one first: one that is cut off from the others names the primary of before.
    int first = nextSentinel.getAndIncrement();
    JedisException failure = null;
    for (int i = 0; i < sentinels.size(); i++) {
      HostAndPort sentinel = sentinels.get(Math.floorMod(first + i, sentinels.size()));
      try {
        HostAndPort master = ask(sentinel);
        if (master != null) {
          return master;
        }
      } catch (JedisException e) {
        LOG.log(
            Level.DEBUG, () -> "[SSE] no answer of Sentinel " + sentinel + ": " + e.getMessage());
        failure = e;
      }
    }
    throw new LogUnavailableException(
        "no Sentinel of " + sentinels + " answers where the primary " + settings.master() + " is",
        failure);
  }

  private HostAndPort ask(HostAndPort sentinel) {
    try {
      return ask(sentinel, config(SENTINEL_MILLIS));
    } catch (JedisAccessControlException e) {
      // Sentinels have passwords of their own, mostly none or the same.
      return ask(sentinel, withPassword(config(SENTINEL_MILLIS)));
    }
  }

  private HostAndPort ask(HostAndPort sentinel, DefaultJedisClientConfig.Builder config) {
    try (Jedis jedis = new Jedis(sentinel, config.build())) {
      List<String> master = jedis.sentinelGetMasterAddrByName(settings.master());
      return master == null
          ? null
          : new HostAndPort(master.get(0), Integer.parseInt(master.get(1)));
    }
  }

  /**
   * A connection of its own, which never sends a command again by itself.
   *
   * @param answerMillis how long to wait for an answer
   * @param quietMillis how long a subscription may be without one
   */
  Jedis connect(HostAndPort server, int answerMillis, int quietMillis) {
    return new Jedis(server, config(answerMillis, quietMillis));
  }

  /** For connections that wait so long for each answer. */
  JedisClientConfig config(int answerMillis, int quietMillis) {
    DefaultJedisClientConfig.Builder config =
        config(answerMillis).blockingSocketTimeoutMillis(quietMillis).database(settings.database());
    return withPassword(config).build();
  }

  private DefaultJedisClientConfig.Builder config(int answerMillis) {
    var config = DefaultJedisClientConfig.builder()
        .resp2()
        .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
        .connectionTimeoutMillis(CONNECT_MILLIS)
        .socketTimeoutMillis(answerMillis)
        .blockingSocketTimeoutMillis(answerMillis);
    if (settings.tls()) {
      // A certificate of another host is as good as none.
      config.sslOptions(SslOptions.builder().sslVerifyMode(SslVerifyMode.FULL).build());
    }
    return config;
  }

  private DefaultJedisClientConfig.Builder withPassword(DefaultJedisClientConfig.Builder config) {
    return settings.passwordFile() == null ? config : config.credentialsProvider(this::credentials);
  }

  /** Read for each connection, so that a new password needs no restart. */
  private RedisCredentials credentials() {
    try {
      String password = Files.readString(settings.passwordFile(), UTF_8).strip();
      return new DefaultRedisCredentials(
          settings.user().isEmpty() ? null : settings.user(), password);
    } catch (IOException e) {
      throw new LogOpenException(
          "[SSE] the file that " + Setting.REDIS_PASSWORD_FILE.key() + " names cannot be read: "
              + e,
          e);
    }
  }
}
