package io.samband.stream;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.micrometer.core.instrument.Metrics;
import io.samband.auth.Identity;
import io.samband.auth.Rights;
import io.samband.event.EventId;
import io.samband.log.EventFilter;
import io.samband.log.EventLog;
import io.samband.log.LogHealth;
import io.samband.log.LogState;
import io.samband.log.LogUnavailableException;
import io.samband.log.Replay;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import io.samband.stream.fanout.ControlFrames;
import io.samband.stream.fanout.OpenStreams;
import io.samband.stream.fanout.Owner;
import io.samband.stream.fanout.Subscriber;
import io.samband.web.Problem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.sse.Sse;
import java.io.ByteArrayOutputStream;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Decides how a stream begins: whether at all, with which frames, after which event, and for how long. */
@ApplicationScoped
public class Admission {
  private static final System.Logger LOG = System.getLogger(Admission.class.getName());

  /** Stands for no limit: longer than any server runs, and far from an overflow. */
  private static final Duration UNLIMITED = Duration.ofDays(36_500);

  /** For the container and the log; what a small heap has left is for streams. */
  private static final long HEAP_BYTES_FOR_THE_REST = 128 << 20;

  /** More than an idle stream holds on any server (23 kB): when all come back, each has something under way. */
  private static final long HEAP_BYTES_PER_STREAM = 32 << 10;

  /** Clients renew in the last fifth of the life of an identity. */
  private static final int RENEWAL_PART = 5;

  private static final long FEWEST_OF_A_SMALL_HEAP = 1_000;

  private final AtomicLong numbers = new AtomicLong();

  @Inject
  private EventLog log;

  @Inject
  private Settings settings;

  @Inject
  private EventLogBroadcaster broadcaster;

  @Inject
  private Rights rights;

  @Inject
  private StreamAudit audit;

  /**
   * A subscriber that is not registered yet.
   *
   * @param identity whose stream it is
   * @param lastEventId as the client sent it, or null
   * @throws jakarta.ws.rs.WebApplicationException 503 if there are too many streams
   */
  StreamSink open(
      Identity identity,
      String lastEventId,
      EventFilter filter,
      String address,
      String userAgent,
      Sse sse) {
    refuseIfTooMany(address, identity.name());
    LogState admitted = log.state();
    EventId held = null;
    Replay replay;
    try {
      replay = log.replay(lastEventId);
    } catch (LogUnavailableException e) {
      // Whether this is a cursor of the log cannot be said now. The stream stays where it is, and
      // is told to come back.
      held = EventId.parse(lastEventId).orElseThrow();
      replay = new Replay(Replay.Kind.NONE, held, held.offset(), null);
    }
    LogState state = log.state();
    Metrics.counter("samband.streams.opened", "replay", replay.kind().wireName())
        .increment();
    var peer = new Subscriber.Peer(numbers.incrementAndGet(), address, userAgent, Instant.now());
    broadcaster
        .notifier()
        .log(
            LOG,
            replay.kind() == Replay.Kind.INCOMPLETE ? Level.WARNING : Level.INFO,
            "[SSE] connect subscriber={0,number,#} address={1} types={2} lastEventId={3} replay={4}"
                + " behind={5,number,#}",
            peer.number(),
            address,
            filter.isAll() ? "all" : filter,
            lastEventId == null ? "none" : replay.helloId(),
            held == null ? replay.kind().wireName() : "held",
            state.newest() - replay.after());
    LogHealth health = held == null ? log.health() : log.health().stale(0);
    var greeting = new ByteArrayOutputStream();
    greeting.writeBytes(
        Hello.frame(Hello.event(sse, state, replay, settings, rights.authJson(identity))));
    if (replay.reset() != null) {
      greeting.writeBytes(ControlFrames.reset(replay.reset()));
    }
    if (!health.isOk()) {
      greeting.writeBytes(
          ControlFrames.status(held == null ? state.idAt(replay.after()) : held, health));
    }
    var sink = new StreamSink(
        admitted,
        peer,
        owner(identity),
        filter,
        replay.after(),
        greeting.toByteArray(),
        health.status(),
        lifetime());
    if (held != null) {
      sink.holdAt(held);
    }
    audit.opened(sink, rights.fingerprint(identity));
    return sink;
  }

  private static Owner owner(Identity identity) {
    long now = System.nanoTime();
    Optional<Long> life = identity.remainingMillis(Instant.now()).map(MILLISECONDS::toNanos);
    return new Owner(
        identity.name(),
        identity.sessionId(),
        life.map(nanos -> now + nanos).orElse(null),
        life.map(nanos -> now + nanos - nanos / RENEWAL_PART).orElse(null));
  }

  private Duration lifetime() {
    long max = settings.number(Setting.MAX_LIFETIME_MILLIS);
    // Spread, so that streams that began together do not end together.
    return max == 0
        ? UNLIMITED
        : Duration.ofMillis(ThreadLocalRandom.current().nextLong(max - max / 5, max + 1));
  }

  private long max() {
    long max = settings.number(Setting.MAX_SUBSCRIBERS);
    return max > 0 ? max : fitting(Runtime.getRuntime().maxMemory());
  }

  /** How many streams a heap of so many bytes can hold. */
  static long fitting(long heapBytes) {
    return Math.max(
        FEWEST_OF_A_SMALL_HEAP, (heapBytes - HEAP_BYTES_FOR_THE_REST) / HEAP_BYTES_PER_STREAM);
  }

  private boolean isTooMany(String address, String user) {
    OpenStreams open = broadcaster.open();
    long ofAddress = settings.number(Setting.MAX_SUBSCRIBERS_PER_ADDRESS);
    long ofUser = settings.number(Setting.MAX_SUBSCRIBERS_PER_USER);
    return open.count() >= max()
        || (ofAddress > 0 && open.countOf(address) >= ofAddress)
        || (user != null && ofUser > 0 && open.countOfUser(user, System.nanoTime()) >= ofUser);
  }

  private void refuseIfTooMany(String address, String user) {
    if (isTooMany(address, user)) {
      Metrics.counter("samband.streams.refused").increment();
      broadcaster
          .notifier()
          .log(LOG, Level.WARNING, "[SSE] refuse address={0} reason=too_many_streams", address);
      throw Problem.unavailable(
          "as many streams are open as this server, or its limit for one user or address, takes; poll meanwhile");
    }
  }
}
