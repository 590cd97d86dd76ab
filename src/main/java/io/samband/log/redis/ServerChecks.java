package io.samband.log.redis;

import io.samband.log.LogOpenException;
import io.samband.log.LogUnavailableException;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;

/** Whether a server can be relied on. Looked at each time it is connected to, because a failover brings another one. */
final class ServerChecks {
  private static final System.Logger LOG = System.getLogger(ServerChecks.class.getName());

  /** Scripts that are refused whole when the memory is full, {@code #!lua}, came with it. */
  private static final int OLDEST_VERSION = 7;

  /** Without these, what was acknowledged can be gone after a crash, or events disappear when the memory is full. */
  private static final Map<String, String> DEMANDED = new TreeMap<>(Map.of(
      "appendonly", "yes",
      "appendfsync", "always",
      "no-appendfsync-on-rewrite", "no",
      "maxmemory-policy", "noeviction"));

  private final HostAndPort at;
  private final Map<String, String> info;

  private ServerChecks(HostAndPort at, Map<String, String> info) {
    this.at = at;
    this.info = info;
  }

  /**
   * Checks the server of a connection.
   *
   * @throws LogUnavailableException if the server may become reliable by itself
   * @throws LogOpenException if something has to be changed; the message says what
   */
  static void check(Jedis server, HostAndPort at, int replicas) {
    var checks = new ServerChecks(at, info(server.info()));
    checks.version();
    checks.role();
    checks.configuration(server);
    checks.replicas(replicas);
  }

  private static Map<String, String> info(String text) {
    Map<String, String> info = new HashMap<>();
    text.lines().forEach(line -> {
      int colon = line.indexOf(':');
      if (colon > 0) {
        info.put(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    });
    return info;
  }

  private void version() {
    String version = info.getOrDefault("redis_version", "0");
    if (Integer.parseInt(version.replaceAll("\\D.*", "")) < OLDEST_VERSION) {
      throw refusal("is version " + version + "; version 7.0 or later is needed");
    }
    if ("1".equals(info.get("cluster_enabled"))) {
      throw refusal("is part of a Redis Cluster, which this engine does not know."
          + " Take a single server, or one with replicas and Sentinels");
    }
  }

  private void role() {
    if ("1".equals(info.get("loading"))) {
      throw new LogUnavailableException("the Redis server " + at + " is still loading its data");
    }
    if (!"master".equals(info.get("role"))) {
      throw new LogUnavailableException("the Redis server " + at
          + " is a replica and takes no writes; the settings samband.redis.* must name the primary,"
          + " or Sentinels that know it");
    }
  }

  private void configuration(Jedis server) {
    Map<String, String> found;
    try {
      found = server.configGet(DEMANDED.keySet().toArray(String[]::new));
    } catch (JedisDataException e) {
      found = withoutConfig(e);
    }
    for (Map.Entry<String, String> demanded : DEMANDED.entrySet()) {
      String value = found.get(demanded.getKey());
      if (value != null && !value.equals(demanded.getValue())) {
        throw refusal(
            "has \"" + demanded.getKey() + " " + value + "\" in its configuration; needed: \""
                + demanded.getKey() + " " + demanded.getValue() + "\"");
      }
    }
  }

  /** Hosted servers often forbid CONFIG; INFO says a part of it. */
  private Map<String, String> withoutConfig(JedisDataException refused) {
    LOG.log(
        Level.WARNING,
        "[SSE] the Redis server {0} does not let its configuration be read ({1}). Check there that it"
            + " says appendfsync always and no-appendfsync-on-rewrite no: without them a power failure"
            + " of the server can take acknowledged events",
        at,
        refused.getMessage());
    Map<String, String> found = new HashMap<>();
    found.put("appendonly", "1".equals(info.get("aof_enabled")) ? "yes" : "no");
    found.put("maxmemory-policy", info.get("maxmemory_policy"));
    return found;
  }

  private void replicas(int needed) {
    long attached = info.entrySet().stream()
        .filter(entry -> entry.getKey().matches("slave\\d+"))
        .filter(entry -> entry.getValue().contains("state=online"))
        .count();
    if (attached < needed) {
      throw new LogUnavailableException("the Redis server " + at + " has " + attached
          + " replicas; samband.redis.replicas demands " + needed);
    }
  }

  private LogOpenException refusal(String what) {
    return new LogOpenException("[SSE] the Redis server " + at + " " + what);
  }
}
