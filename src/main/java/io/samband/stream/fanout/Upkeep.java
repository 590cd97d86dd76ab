package io.samband.stream.fanout;

import io.samband.log.EventLog;
import io.samband.log.LogEngine;
import io.samband.log.LogHealth;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import java.util.Collection;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * What is done about once a second: subscribers that were idle get a keepalive, all are told when the log begins or ceases to
 * fail, and those that accept nothing or have reached their age are ended. All durations are measured by
 * {@link System#nanoTime}. Belongs to one worker.
 */
final class Upkeep {
  /** So many new subscribers between two ticks, and at least a tenth of all: they lost their connections together. */
  private static final int MASS_ARRIVAL = 100;

  private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** A page that takes longer holds back the events of those that wait for it, and they are told. */
  private static final long PAGE_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /**
   * When to come back after a full life: not at once, because with {@code retry: 0} a browser that finds the server gone
   * would try again without a pause; soon, so that a dispatcher does not notice.
   */
  private static final int LIFETIME_RETURN_MIN_MILLIS = 100;

  private static final int LIFETIME_RETURN_SPREAD_MILLIS = 400;

  /** A log that has not answered for so long is stale; if it is not, it has answered since a subscriber was held. */
  private static final long HELD_NANOS = TimeUnit.MILLISECONDS.toNanos(LogEngine.STALE_MILLIS);

  private final EventLog log;
  private final Writes writes;
  private final WorkerSubscribers subscribers;
  private final WorkerCounters counters;
  private final long keepaliveNanos;
  private final long stallNanos;
  private int arrivals;

  Upkeep(
      EventLog log,
      Settings settings,
      Writes writes,
      WorkerSubscribers subscribers,
      WorkerCounters counters) {
    this.log = log;
    this.writes = writes;
    this.subscribers = subscribers;
    this.counters = counters;
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
    LogHealth health = log.health();
    TickFrames frames = new TickFrames(log.state(), health);
    for (Subscriber subscriber : all) {
      if (ends(subscriber, health, now) || !subscriber.isGreeted()) {
        continue;
      }
      // One that is held was told that the log is stale, and is until it comes back.
      if (subscriber.state.takesBytes() && !subscriber.isHeld()) {
        tellStatus(subscriber, health, frames, now);
      }
      if (subscriber.state.takesBytes() && now - subscriber.lastWriteNanos >= quietNanos) {
        keepalive(subscriber, frames, now);
      }
    }
  }

  private boolean ends(Subscriber subscriber, LogHealth health, long now) {
    boolean full = subscriber.state.isFull();
    if (full && now - subscriber.blockedSinceNanos >= stallNanos) {
      subscribers.end(subscriber, EndReason.STALLED, null);
      return true;
    }
    boolean answered = subscriber.isHeld()
        && health.status() != LogHealth.Status.STALE
        && now - subscriber.registeredNanos >= HELD_NANOS;
    if (answered || now - subscriber.expiresNanos >= 0) {
      subscribers.drain(subscriber, EndReason.LIFETIME, lifetimeReturnMillis(), now);
      return true;
    }
    return false;
  }

  private void tellStatus(Subscriber subscriber, LogHealth health, TickFrames frames, long now) {
    boolean waits = health.isOk() && subscriber.waitsForPage();
    long waitedNanos = waits ? now - subscriber.pageAskedNanos() : 0;
    boolean unreadable = waitedNanos >= PAGE_PATIENCE_NANOS;
    LogHealth.Status status = unreadable ? LogHealth.Status.FAILING : health.status();
    if (status != subscriber.told && writes.takesBytes(subscriber, now)) {
      long cursor = subscriber.currentCursor();
      Batch frame = unreadable
          ? frames.unreadable(cursor, TimeUnit.NANOSECONDS.toMillis(waitedNanos))
          : frames.status(cursor);
      subscriber.told = status;
      writes.write(subscriber, frame, now);
    }
  }

  private void keepalive(Subscriber subscriber, TickFrames frames, long now) {
    if (writes.takesBytes(subscriber, now)) {
      counters.keepalives++;
      writes.write(subscriber, frames.keepalive(subscriber), now);
    }
  }

  private static long lifetimeReturnMillis() {
    return LIFETIME_RETURN_MIN_MILLIS
        + ThreadLocalRandom.current().nextLong(LIFETIME_RETURN_SPREAD_MILLIS + 1);
  }
}
