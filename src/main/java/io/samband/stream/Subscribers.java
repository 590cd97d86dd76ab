package io.samband.stream;

import io.samband.log.EventLog;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * The subscribers of one worker, from the registration to the end: who is kept alive, who stalls, who has lived long enough,
 * and how each of them goes. What they are given in between is decided by {@link FanOut}.
 *
 * <p>Belongs to one {@link FanOutWorker}: everything here happens in its thread.
 */
final class Subscribers {
  /** So many new subscribers in a second, and at least this share of all, are those that lost their connection. */
  private static final int MASS_ARRIVAL = 100;

  private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * When to come back after a full life: not at once, because {@code retry: 0} would make a browser that finds the server
   * gone knock without a pause; soon, because a dispatcher should not notice.
   */
  private static final int LIFETIME_RETURN_MIN_MILLIS = 100;

  private static final int LIFETIME_RETURN_SPREAD_MILLIS = 400;

  /** What is told of subscribers that go. */
  interface Departures {
    void departed(Subscriber subscriber, EndReason reason, Throwable cause);
  }

  private final EventLog log;
  private final FrameRing ring;
  private final Departures departures;
  private final WorkerCounters counters;
  private final long keepaliveNanos;
  private final long stallNanos;
  private final FanOut fanOut;

  private final Set<Subscriber> all = new LinkedHashSet<>();
  private int arrivals;
  private long now = System.nanoTime();

  /**
   * @param inWorker runs a task in the worker's thread
   */
  Subscribers(
      EventLog log,
      FrameRing ring,
      PageReader reader,
      Settings settings,
      Departures departures,
      Consumer<Runnable> inWorker,
      WorkerCounters counters) {
    this.log = log;
    this.ring = ring;
    this.departures = departures;
    this.counters = counters;
    this.keepaliveNanos = settings.millis(Setting.KEEPALIVE_MILLIS).toNanos();
    this.stallNanos = settings.millis(Setting.STALL_MILLIS).toNanos();
    this.fanOut = new FanOut(
        ring, reader, inWorker, (gone, cause) -> end(gone, EndReason.GONE, cause), counters);
  }

  /** Who gives them what is new. */
  FanOut fanOut() {
    return fanOut;
  }

  /** What happens from now on happens at this time, of {@link System#nanoTime}. */
  void at(long nanos) {
    now = nanos;
    fanOut.at(nanos);
  }

  void add(Subscriber subscriber) {
    all.add(subscriber);
    arrivals++;
  }

  void forEach(Consumer<Connection> look) {
    all.forEach(subscriber -> look.accept(connection(subscriber)));
  }

  private Connection connection(Subscriber subscriber) {
    long cursor = fanOut.cursor(subscriber);
    return Connection.of(
        subscriber,
        log.state().idAt(cursor),
        Math.max(0, ring.newest() - cursor),
        Instant.now().minusNanos(now - subscriber.lastWriteNanos));
  }

  Census census() {
    long newest = ring.newest();
    return counters.census(all, subscriber -> newest - fanOut.cursor(subscriber));
  }

  /** A keepalive to those that were idle for so long; and the end for those that stall, or have lived long enough. */
  void tick() {
    // Those that arrive by the hundred have just left by the hundred. Until the dead are written to
    // they keep their sockets, and may hold every descriptor that the living need.
    boolean massArrival = arrivals >= Math.max(MASS_ARRIVAL, all.size() / 10);
    long quietNanos = massArrival ? Math.min(PROBE_NANOS, keepaliveNanos) : keepaliveNanos;
    arrivals = 0;
    fanOut.keepalive(quietNanos, this::keepaliveFrame);
    for (Subscriber subscriber : List.copyOf(all)) {
      boolean blocked = subscriber.state == Subscriber.State.BLOCKED || subscriber.isFull;
      if (blocked && now - subscriber.blockedSinceNanos >= stallNanos) {
        end(subscriber, EndReason.STALLED, null);
      } else if (now - subscriber.expiresNanos >= 0) {
        drain(subscriber, EndReason.LIFETIME, lifetimeReturnMillis());
      } else if (!blocked
          && subscriber.state != Subscriber.State.IDLE
          && subscriber.isGreeted()
          && now - subscriber.lastWriteNanos >= quietNanos) {
        fanOut.keepalive(subscriber, this::keepaliveFrame);
      }
    }
  }

  private byte[] keepaliveFrame(ControlFrames controls, long cursor) {
    var state = log.state();
    return controls.keepalive(state.idAt(cursor), state.newest(), Instant.now());
  }

  private static long lifetimeReturnMillis() {
    return LIFETIME_RETURN_MIN_MILLIS
        + ThreadLocalRandom.current().nextLong(LIFETIME_RETURN_SPREAD_MILLIS + 1);
  }

  /** Tells every subscriber when to come back, and ends its stream. */
  void drainAll(ToLongFunction<Subscriber> reconnectMillis) {
    for (Subscriber subscriber : List.copyOf(all)) {
      drain(subscriber, EndReason.SHUTDOWN, reconnectMillis.applyAsLong(subscriber));
    }
  }

  private void drain(Subscriber subscriber, EndReason reason, long reconnectMillis) {
    boolean writable =
        subscriber.state == Subscriber.State.IDLE || subscriber.state == Subscriber.State.READY;
    try {
      if (writable && !subscriber.isFull && subscriber.isReady()) {
        var id = log.state().idAt(fanOut.cursor(subscriber));
        subscriber.write(subscriber.controls.drain(id, reason, reconnectMillis), now);
      }
    } catch (IOException | RuntimeException e) {
      end(subscriber, EndReason.GONE, e);
      return;
    }
    end(subscriber, reason, null);
  }

  void endAll(EndReason reason, Throwable cause) {
    for (Subscriber subscriber : List.copyOf(all)) {
      end(subscriber, reason, cause);
    }
  }

  /** Ends a stream, or does nothing if that has been done. */
  void end(Subscriber subscriber, EndReason reason, Throwable cause) {
    if (!all.remove(subscriber)) {
      return;
    }
    fanOut.leave(subscriber);
    try {
      subscriber.end();
    } catch (RuntimeException | Error e) {
      // The container had ended the response already, or cannot: it counts as gone all the same.
      departures.departed(subscriber, reason, cause == null ? e : cause);
      return;
    }
    departures.departed(subscriber, reason, cause);
  }
}
