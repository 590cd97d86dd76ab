package io.samband.log.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.samband.presence.PresenceStore;
import io.samband.presence.PresenceUnavailableException;
import io.samband.settings.Settings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import redis.clients.jedis.Jedis;

/**
 * Presence beside the log, over a connection of its own: for each node a hash with its lease, one with its streams, and a stream of
 * what has changed. All of them end by themselves when the node does not renew its lease.
 */
public final class RedisPresence implements PresenceStore {
  /** In ms, for one answer. */
  private static final int ANSWER_MILLIS = 2_000;

  /** Longer than the lease, so that a lease is never there without its streams. */
  private static final String STREAMS_LIFE = Long.toString(LEASE.plusSeconds(1).toMillis());

  private final RedisSettings settings;
  private final Primary primary;
  private final Keys keys;
  private final String incarnation;
  private final String name;
  private Jedis open;

  private RedisPresence(RedisSettings settings, String incarnation, String name) {
    this.settings = settings;
    this.primary = new Primary(settings);
    this.keys = new Keys(settings.keyPrefix());
    this.incarnation = incarnation;
    this.name = name;
  }

  /**
   * Connects when it is first used.
   *
   * @param incarnation of this node: another one for each start
   * @throws io.samband.settings.BadSettingException if one of {@code samband.redis.*} is not allowed
   */
  public static RedisPresence of(Settings settings, String incarnation) {
    return new RedisPresence(RedisSettings.of(settings), incarnation, settings.nodeName());
  }

  private <T> T call(String what, Function<Jedis, T> work) {
    try {
      if (open == null) {
        open = primary.connect(primary.find(), ANSWER_MILLIS, ANSWER_MILLIS);
      }
      return work.apply(open);
    } catch (RuntimeException e) {
      // The answer may still come, and must not be taken for that of a later command.
      close();
      throw new PresenceUnavailableException(
          settings.place() + ": cannot " + what + ": " + e.getMessage(), e);
    }
  }

  private Reply run(String what, Script script, List<byte[]> ofKeys, List<byte[]> arguments) {
    return call(what, server -> script.run(server, ofKeys, arguments));
  }

  private List<byte[]> keysOf(String node) {
    return List.of(
        keys.presentNodes,
        keys.presenceLease(node),
        keys.presenceStreams(node),
        keys.presenceChanges(node));
  }

  private static List<byte[]> texts(String... texts) {
    return Arrays.stream(texts).map(text -> text.getBytes(UTF_8)).toList();
  }

  @Override
  public boolean renew(String cursor, long version) {
    String life = Long.toString(LEASE.toMillis());
    return run(
            "renew the lease",
            Script.PRESENCE_RENEW,
            keysOf(incarnation),
            texts(incarnation, name, cursor, life, STREAMS_LIFE, Long.toString(version)))
        .is("kept");
  }

  @Override
  public void publish(long version, List<Change> changes) {
    List<byte[]> arguments = new ArrayList<>(texts(Long.toString(version), STREAMS_LIFE));
    for (Change change : changes) {
      arguments.addAll(
          texts(Long.toString(change.id()), change.json() == null ? "" : change.json()));
    }
    run("publish", Script.PRESENCE_PUBLISH, keysOf(incarnation).subList(1, 4), arguments);
  }

  @Override
  public Reading read(Map<String, Long> seen) {
    return call("read", server -> {
      long asOf = 0;
      List<PublishedNode> nodes = new ArrayList<>();
      List<String> incarnations =
          server.smembers(keys.presentNodes).stream().map(Reply::text).sorted().toList();
      for (String node : incarnations) {
        Reply reply =
            Script.PRESENCE_READ.run(server, keysOf(node), texts(node, wanted(node, seen)));
        asOf = Math.max(asOf, reply.number(1));
        if (!reply.is("gone")) {
          nodes.add(node(node, reply));
        }
      }
      return new Reading(asOf == 0 ? time(server) : Instant.ofEpochMilli(asOf), nodes);
    });
  }

  /** Of this node nothing is wanted. */
  private String wanted(String node, Map<String, Long> seen) {
    return node.equals(incarnation) ? "" : Long.toString(seen.getOrDefault(node, -1L));
  }

  private static Instant time(Jedis server) {
    List<String> time = server.time();
    return Instant.ofEpochSecond(Long.parseLong(time.get(0)));
  }

  private static PublishedNode node(String incarnation, Reply reply) {
    Instant endsAt = Instant.ofEpochMilli(reply.number(1) + reply.number(2));
    List<String> parts = reply.texts(6);
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < parts.size(); i += 2) {
      String json = parts.get(i + 1);
      changes.add(new Change(Long.parseLong(parts.get(i)), json.isEmpty() ? null : json));
    }
    return new PublishedNode(
        incarnation,
        reply.text(3),
        reply.text(4),
        endsAt.minus(LEASE),
        endsAt,
        reply.number(5),
        reply.is("all"),
        changes);
  }

  @Override
  public void tidy(long version) {
    run(
        "tidy up",
        Script.PRESENCE_TIDY,
        List.of(keys.presenceLease(incarnation), keys.presenceChanges(incarnation)),
        texts(Long.toString(version)));
  }

  @Override
  public void leave() {
    run("end the lease", Script.PRESENCE_LEAVE, keysOf(incarnation), texts(incarnation));
  }

  @Override
  public void close() {
    Jedis past = open;
    open = null;
    if (past != null) {
      past.close();
    }
  }
}
