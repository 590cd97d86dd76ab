package io.samband.log.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.samband.event.EventId;
import io.samband.log.Entry;
import io.samband.log.LogEngine.Batch;
import io.samband.log.LogOpenException;
import io.samband.log.LogUnavailableException;
import io.samband.log.Retention;
import io.samband.log.shared.FencedException;
import io.samband.log.shared.SharedStore.Appended;
import io.samband.log.shared.SharedStore.Trimmed;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.Jedis;

/** All that changes the log, over one connection, so that WAIT counts what was sent before it. Used by one thread. */
final class Writer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Writer.class.getName());

  /** How long one answer may take, in ms: a commit waits for the disk. More than {@link #WAIT_MILLIS}. */
  static final int ANSWER_MILLIS = 5_000;

  private static final int WAIT_MILLIS = 2_000;
  private static final String FORMAT = "1";

  /** Names of epochs that are remembered, at 17 to 27 bytes; a cursor of an older one gets a reset. */
  private static final int EPOCHS = 1_000;

  /** A node that asks again what became of its batch does so within seconds; one that was frozen, when it runs again. */
  private static final String ANSWER_LIFE_MILLIS = Long.toString(TimeUnit.DAYS.toMillis(7));

  /** One step takes about a millisecond, during which the server does nothing else. */
  private static final String TRIM_STEP = "2000";

  /** Appends wait for it. */
  private static final long TRIM_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final SecureRandom RANDOM = new SecureRandom();

  private final Jedis server;
  private final Keys keys;
  private final int replicas;
  private final String sender;

  /**
   * @param replicas how many must have what is written before it counts
   * @param sender names this node when growth is told
   */
  Writer(Jedis server, Keys keys, int replicas, String sender) {
    this.server = server;
    this.keys = keys;
    this.replicas = replicas;
    this.sender = sender;
  }

  /**
   * Joins the newest epoch or begins one, and makes sure that what the server has is safe.
   *
   * @return for how many replicas the node waits that has opened the log before
   */
  long begin(long known) {
    Reply opened = open(known);
    for (int attempt = 0; opened.is("taken") && attempt < 10; attempt++) {
      opened = open(known);
    }
    switch (opened.status()) {
      case "joined", "begun" -> commit(opened.text(1), opened.text(2));
      case "format" ->
        throw new LogOpenException("[SSE] the event log on the Redis server is of format "
            + opened.text(1) + "; this version of Samband knows format " + FORMAT
            + ". Nothing was changed. Install the version that wrote it");
      case "foreign" ->
        throw new LogOpenException("[SSE] the Redis server has keys " + keys.prefix()
            + "* without " + keys.prefix()
            + "meta, so something has removed a part of the event log."
            + " Restore it, or remove all these keys: then a new log begins");
      default -> throw new LogUnavailableException("no name for a new epoch was free");
    }
    if (opened.is("begun")) {
      begun(known, opened);
    }
    return opened.number(4);
  }

  private static void begun(long known, Reply opened) {
    long found = opened.number(3);
    if (found < known) {
      LOG.log(
          Level.ERROR,
          "[SSE] event log lost acknowledged events newest={0,number,#} found={1,number,#}",
          known,
          found);
    }
  }

  private Reply open(long known) {
    return Script.OPEN.run(
        server,
        List.of(keys.meta, keys.log, keys.epochs, keys.gaps),
        texts(
            Long.toString(known),
            newName(),
            FORMAT,
            Integer.toString(EPOCHS),
            Integer.toString(replicas)));
  }

  private static String newName() {
    byte[] bytes = new byte[4];
    String name;
    do {
      RANDOM.nextBytes(bytes);
      name = HexFormat.of().formatHex(bytes);
    } while (name.equals(EventId.UNKNOWN.epoch()));
    return name;
  }

  Appended append(String epoch, Batch batch) {
    Reply reply = Script.APPEND.run(
        server,
        List.of(
            keys.meta,
            keys.log,
            keys.answer(batch.node()),
            keys.idempotency,
            keys.idempotencyOrder,
            keys.gaps),
        arguments(epoch, batch));
    switch (reply.status()) {
      case "ok", "repeat" -> {
        if (replicas > 0) {
          commit(reply.text(1), reply.text(3));
        }
        return new Appended(
            offsets(reply.text(4)), reply.number(2), reply.number(3), reply.is("repeat"));
      }
      case "fenced" -> throw fenced();
      default ->
        throw new LogUnavailableException(
            "a later batch of this node is stored already than number " + batch.number());
    }
  }

  private List<byte[]> arguments(String epoch, Batch batch) {
    List<byte[]> arguments = new ArrayList<>(texts(
        epoch,
        Long.toString(batch.number()),
        Integer.toString(batch.lost()),
        ANSWER_LIFE_MILLIS,
        replicas == 0 ? "1" : "0",
        keys.channel,
        sender));
    for (Entry entry : batch.entries()) {
      arguments.add(entry.type().getBytes(UTF_8));
      arguments.add(Audiences.write(entry.audience()));
      arguments.add(entry.json());
      arguments.addAll(
          entry.key() == null
              ? texts("", "")
              : texts(entry.key().value(), entry.key().bodyHash()));
    }
    return arguments;
  }

  private static List<Long> offsets(String text) {
    return text.isEmpty()
        ? List.of()
        : Arrays.stream(text.split(",")).map(Long::valueOf).toList();
  }

  /** Shows readers what is there up to an offset, once enough replicas have it. */
  private void commit(String epoch, String newest) {
    if (replicas > 0) {
      long have = server.waitReplicas(replicas, WAIT_MILLIS);
      if (have < replicas) {
        throw new LogUnavailableException(
            "only " + have + " of " + replicas + " replicas have what was written");
      }
    }
    Reply reply =
        Script.COMMIT.run(server, List.of(keys.meta), texts(epoch, newest, keys.channel, sender));
    if (!reply.is("ok")) {
      throw fenced();
    }
  }

  /** Removes what is too old in steps, for a limited time. */
  Trimmed trim(Retention retention) {
    List<byte[]> kept = texts(
        Long.toString(retention.events()),
        Long.toString(retention.millis()),
        Long.toString(retention.bytes()),
        TRIM_STEP);
    long start = System.nanoTime();
    boolean removed = false;
    boolean more = true;
    while (more && System.nanoTime() - start < TRIM_NANOS) {
      Reply reply = Script.TRIM.run(
          server,
          List.of(keys.meta, keys.log, keys.idempotency, keys.idempotencyOrder, keys.gaps),
          kept);
      if (reply.is("fenced")) {
        throw fenced();
      }
      removed |= reply.number(1) > 0;
      more = reply.text(2).equals("1");
    }
    if (more) {
      return Trimmed.SOME;
    }
    return removed ? Trimmed.ALL : Trimmed.NOTHING;
  }

  private static List<byte[]> texts(String... texts) {
    return Arrays.stream(texts).map(text -> text.getBytes(UTF_8)).toList();
  }

  static FencedException fenced() {
    return new FencedException(
        "another epoch has begun on the Redis server, or has to begin because it is another server");
  }

  @Override
  public void close() {
    server.close();
  }
}
