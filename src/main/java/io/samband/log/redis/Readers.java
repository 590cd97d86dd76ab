package io.samband.log.redis;

import io.samband.log.LogUnavailableException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.function.Function;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/** The connections of those who ask and read, made when needed. Thread-safe. */
final class Readers {
  /** In ms, for one answer, and for a free connection. */
  private static final int ANSWER_MILLIS = 2_000;

  private static final int CONNECTIONS = 8;

  private final Primary primary;
  private RedisClient client;
  private HostAndPort server;

  Readers(Primary primary) {
    this.primary = primary;
  }

  /** From now on this is the server to ask. */
  synchronized void use(HostAndPort at) {
    if (client != null && at.equals(server)) {
      return;
    }
    close();
    var pool = new GenericObjectPoolConfig<Connection>();
    pool.setMaxTotal(CONNECTIONS);
    pool.setMaxIdle(CONNECTIONS);
    pool.setMaxWait(Duration.ofMillis(ANSWER_MILLIS));
    // Its name in JMX would outlive a deployment that was not closed in order.
    pool.setJmxEnabled(false);
    client = RedisClient.builder()
        .hostAndPort(at)
        .clientConfig(primary.config(ANSWER_MILLIS, ANSWER_MILLIS))
        .poolConfig(pool)
        .build();
    server = at;
  }

  /** Asks for something that may be asked for twice. */
  <T> T ask(Function<RedisClient, T> question) {
    RedisClient now = client();
    try {
      return attempt(now, question);
    } catch (JedisException e) {
      throw new LogUnavailableException("no answer of Redis: " + e.getMessage(), e);
    }
  }

  private static <T> T attempt(RedisClient client, Function<RedisClient, T> question) {
    try {
      return question.apply(client);
    } catch (JedisConnectionException e) {
      if (e.getCause() instanceof SocketTimeoutException) {
        throw e;
      }
      // The connections of the pool have died with the server that they were made to.
      client.getPool().clear();
      return question.apply(client);
    }
  }

  private synchronized RedisClient client() {
    if (client == null) {
      throw new LogUnavailableException("it is not open");
    }
    return client;
  }

  synchronized void close() {
    if (client != null) {
      client.close();
      client = null;
    }
  }
}
