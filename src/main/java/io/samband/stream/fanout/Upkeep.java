package io.samband.stream.fanout;

import io.samband.event.EventId;
import io.samband.log.EventLog;
import io.samband.log.LogState;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import java.time.Instant;
import java.util.Collection;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * What is done about once a second: keepalives to subscribers that were idle, and the end of those that accept nothing or
 * have reached their age. All durations are measured by {@link System#nanoTime}. Belongs to one worker.
 */
final class Upkeep {
  /** So many new subscribers between two ticks, and at least a tenth of all: they lost their connections together. */
  private static final int MASS_ARRIVAL = 100;

  private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * When to come back after a full life: not at once, because with {@code retry: 0} a browser that finds the server gone
   * would try again without a pause; soon, so that a dispatcher does not notice.
   */
  private static final int LIFETIME_RETURN_MIN_MILLIS = 100;

  private static final int LIFETIME_RETURN_SPREAD_MILLIS = 400;

  private final EventLog log;
  private final Writes writes;
  private final WorkerSubscribers subscribers;
  private final long keepaliveNanos;
  private final long stallNanos;
  private int arrivals;

  // The last keepalive: nearly all subscribers are at the same cursor.
  private long frameCursor;
  private byte[] frame;

  Upkeep(EventLog log, Settings settings, Writes writes, WorkerSubscribers subscribers) {
    this.log = log;
    this.writes = writes;
    this.subscribers = subscribers;
    this.keepaliveNanos = settings.millis(Setting.KEEPALIVE_MILLIS).toNanos();
    this.stallNanos = settings.millis(Setting.STALL_MILLIS).toNanos();
  }

  void arrived() {
    arrivals++;
  }

  void tick(Collection<Subscriber> all, long now) {
    // Subscribers that arrive by the hundred have usually just lost their connections. Until their
    // old sockets are written to, those hold descriptors that the new streams need.
    boolean massArrival = arrivals >= Math.max(MASS_ARRIVAL, all.size() / 10);
    long quietNanos = massArrival ? Math.min(PROBE_NANOS, keepaliveNanos) : keepaliveNanos;
    arrivals = 0;
    frame = null;
    for (Subscriber subscriber : all) {
      look(subscriber, quietNanos, now);
    }
  }

  private void look(Subscriber subscriber, long quietNanos, long now) {
    if (subscriber.state.isFull()) {
      if (now - subscriber.blockedSinceNanos >= stallNanos) {
        subscribers.end(subscriber, EndReason.STALLED, null);
      } else if (now - subscriber.expiresNanos >= 0) {
        subscribers.end(subscriber, EndReason.LIFETIME, null);
      }
    } else if (now - subscriber.expiresNanos >= 0) {
      subscribers.drain(subscriber, EndReason.LIFETIME, lifetimeReturnMillis(), now);
    } else if (subscriber.isGreeted() && now - subscriber.lastWriteNanos >= quietNanos) {
      writes.keepalive(subscriber, keepalive(subscriber.currentCursor()), now);
    }
  }

  private byte[] keepalive(long cursor) {
    if (frame == null || frameCursor != cursor) {
      LogState state = log.state();
      EventId id = state.idAt(cursor);
      frame = ControlFrames.keepalive(id, state.newest(), Instant.now());
      frameCursor = cursor;
    }
    return frame;
  }

  private static long lifetimeReturnMillis() {
    return LIFETIME_RETURN_MIN_MILLIS
        + ThreadLocalRandom.current().nextLong(LIFETIME_RETURN_SPREAD_MILLIS + 1);
  }
}
