package io.samband.log.redis;

import io.samband.log.Epochs;
import io.samband.log.EventFilter;
import io.samband.log.LogEngine.Batch;
import io.samband.log.LogEngine.Scan;
import io.samband.log.LogOpenException;
import io.samband.log.LogState;
import io.samband.log.LogUnavailableException;
import io.samband.log.PageBuilder;
import io.samband.log.Retention;
import io.samband.log.shared.SharedStore;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import java.lang.System.Logger.Level;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Function;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisException;

/** A log on a Redis or Valkey server, version 7.0 or later, or on the primary that Sentinels name. */
public final class RedisStore implements SharedStore {
  private static final System.Logger LOG = System.getLogger(RedisStore.class.getName());

  private final RedisSettings settings;
  private final Keys keys;
  private final Primary primary;
  private final HeadReader head;
  private final Readers readers;
  private final String sender = UUID.randomUUID().toString();
  private Writer writer;
  private long replicasBefore;
  private volatile GrowthListener growth;

  private RedisStore(RedisSettings settings) {
    this.settings = settings;
    this.keys = new Keys(settings.keyPrefix());
    this.primary = new Primary(settings);
    this.head = new HeadReader(keys);
    this.readers = new Readers(primary);
  }

  /**
   * The log that the settings name; connects to nothing yet.
   *
   * @throws io.samband.settings.BadSettingException if one of {@code samband.redis.*} is not allowed
   */
  public static RedisStore of(Settings settings) {
    return new RedisStore(RedisSettings.of(settings));
  }

  @Override
  public LogState open(long known) {
    letGo();
    try {
      HostAndPort server = primary.find();
      Jedis connection = primary.connect(server, Writer.ANSWER_MILLIS, Writer.ANSWER_MILLIS);
      writer = new Writer(connection, keys, settings.replicas(), sender);
      ServerChecks.check(connection, server, settings.replicas());
      replicasBefore = writer.begin(known);
      warnOfOthers();
      LogState state = head.ask(connection);
      readers.use(server);
      if (growth == null) {
        growth = new GrowthListener(primary, keys.channel, sender);
      }
      return state;
    } catch (JedisAccessControlException e) {
      letGo();
      throw new LogOpenException(
          "[SSE] " + settings.place() + " refuses this user: " + e.getMessage()
              + ". Check samband.redis.password-file, the user, and what it may do",
          e);
    } catch (JedisException e) {
      letGo();
      throw new LogUnavailableException(settings.place() + ": " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      letGo();
      throw e;
    }
  }

  /** A node that waits for fewer replicas shows what the others still wait for, and a failover may take that back. */
  private void warnOfOthers() {
    if (replicasBefore != settings.replicas()) {
      LOG.log(
          Level.WARNING,
          "[SSE] {0}={1,number,#} here, and {2,number,#} on the node that has opened the shared log before; all nodes"
              + " must have the same number, or a failover may lose events that were delivered",
          Setting.REDIS_REPLICAS.key(),
          settings.replicas(),
          replicasBefore);
    }
  }

  /** For how many replicas the node waits that has opened the log before this one. */
  long replicasBefore() {
    return replicasBefore;
  }

  @Override
  public Appended append(String epoch, Batch batch) {
    return guarded("append", by -> by.append(epoch, batch));
  }

  /** Nothing to do: who appends tells of it in the same step. */
  @Override
  public void tellGrowth() {}

  @Override
  public LogState head(LogState seen) {
    LogState now = readers.ask(head::ask);
    return now.equals(seen) ? seen : now;
  }

  @Override
  public OptionalLong unacknowledged() {
    return settings.replicas() > 0 ? OptionalLong.of(head.unacknowledged()) : OptionalLong.empty();
  }

  @Override
  public void awaitGrowth(long maxMillis) {
    GrowthListener listening = growth;
    if (listening == null) {
      throw new LogUnavailableException("the event log is closed");
    }
    listening.await(maxMillis);
  }

  @Override
  public Scan read(
      long after, long through, EventFilter filter, int limit, int maxBytes, Epochs epochs) {
    return readers.ask(client -> {
      var page = new PageBuilder(after, filter, limit, maxBytes);
      new PageReader(keys, page, epochs).fill(client, through);
      return page.scan();
    });
  }

  @Override
  public Trimmed trim(Retention retention) {
    return guarded("trim", by -> by.trim(retention));
  }

  @Override
  public void close() {
    letGo();
    GrowthListener listening = growth;
    growth = null;
    if (listening != null) {
      listening.close();
    }
    readers.close();
  }

  private <T> T guarded(String what, Function<Writer, T> change) {
    if (writer == null) {
      throw new LogUnavailableException("cannot " + what + ": the event log is closed");
    }
    try {
      return change.apply(writer);
    } catch (JedisException e) {
      // The answer may still come, and must not be taken for that of a later command.
      letGo();
      throw new LogUnavailableException("cannot " + what + ": " + e.getMessage(), e);
    }
  }

  private void letGo() {
    Writer past = writer;
    writer = null;
    if (past != null) {
      past.close();
    }
  }
}
