package io.samband.stream.fanout;

import io.samband.event.EventId;
import io.samband.log.EventLog;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import io.samband.stream.fanout.SubscriberState.Input;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/**
 * The subscribers of one worker from registration to end, and the parts that serve them.
 *
 * <p>Belongs to one {@link FanOutWorker}: everything here happens in its thread.
 */
final class WorkerSubscribers {
  /** Told of each subscriber whose stream has ended. Called by the worker: must be quick and must not throw. */
  interface Departures {
    void departed(Subscriber subscriber, EndReason reason, Throwable cause);
  }

  /** Not at once: with {@code retry: 0} a browser that is refused would try again without a pause. */
  private static final long RETURN_MIN_MILLIS = 100;

  private final EventLog log;
  private final WorkerContext worker;
  private final Departures departures;
  private final Transitions transitions;
  private final Writes writes;
  private final GroupDelivery groups;
  private final TurnDelivery turns;
  private final Upkeep upkeep;
  private final Expiries expiries = new Expiries();
  private final long spreadMillis;
  private final Set<Subscriber> all = new LinkedHashSet<>();

  WorkerSubscribers(EventLog log, Settings settings, Departures departures, WorkerContext worker) {
    this.log = log;
    this.worker = worker;
    this.spreadMillis = settings.number(Setting.DRAIN_MILLIS);
    this.departures = departures;
    ReadyQueue queue = new ReadyQueue();
    this.transitions = new Transitions(queue);
    this.writes = new Writes(transitions, this::end);
    this.groups = new GroupDelivery(worker, transitions, writes);
    this.turns = new TurnDelivery(worker, queue, transitions, writes, groups);
    this.upkeep = new Upkeep(log, settings, writes, this, worker.counters());
  }

  void add(Subscriber subscriber) {
    all.add(subscriber);
    expiries.add(subscriber);
    upkeep.arrived();
  }

  /** The output of a subscriber takes bytes again. */
  void writable(Subscriber subscriber, long now) {
    transitions.apply(subscriber, Input.WRITABLE, now);
  }

  /** Writes what is new to those that are idle. */
  void serveGroups(long now) {
    groups.serve(now);
    turns.groupsMoved();
  }

  /**
   * One turn for those that have more to come.
   *
   * @return whether some of them have still more
   */
  boolean serveTurns(long now) {
    return turns.serve(now);
  }

  /** Keepalives, evictions and lifetimes; about once a second. */
  void tick(long now) {
    upkeep.tick(List.copyOf(all), now);
    groups.removeEmpty();
  }

  /** How long until the identity of a subscriber has to be looked at; 0 or less when it is time. */
  long nextExpiryNanos(long now) {
    return expiries.waitNanos(now);
  }

  /**
   * Ends the streams of identities that expire. Clients are told to come back after that, because with the same identity they would be
   * ended again, and spread, so that they do not all come in the same second.
   */
  void endExpired(long now) {
    for (Subscriber subscriber : expiries.takeDue(now)) {
      long left = TimeUnit.NANOSECONDS.toMillis(Math.max(0, subscriber.owner().endNanos() - now));
      long spread = ThreadLocalRandom.current().nextLong(spreadMillis + 1);
      long back = left + RETURN_MIN_MILLIS + spread;
      drain(subscriber, EndReason.EXPIRED, back, now);
    }
  }

  List<ConnectionInfo.Snapshot> snapshots() {
    List<ConnectionInfo.Snapshot> snapshots = new ArrayList<>(all.size());
    all.forEach(subscriber -> snapshots.add(ConnectionInfo.Snapshot.of(subscriber)));
    return snapshots;
  }

  List<ConnectionInfo.Snapshot> behind() {
    return all.stream()
        .filter(subscriber -> subscriber.state.isFull() || subscriber.waitsForPage())
        .map(ConnectionInfo.Snapshot::of)
        .toList();
  }

  DeliveryStats stats() {
    return worker.counters().stats(all, worker.ring().newest());
  }

  /** Tells every subscriber when to come back, and ends its stream. */
  void drainAll(ToLongFunction<Subscriber> reconnectMillis, long now) {
    for (Subscriber subscriber : List.copyOf(all)) {
      drain(subscriber, EndReason.SHUTDOWN, reconnectMillis.applyAsLong(subscriber), now);
    }
  }

  /** Ends a stream; its client is told if its output takes bytes. */
  void drain(Subscriber subscriber, EndReason reason, long reconnectMillis, long now) {
    if (all.contains(subscriber)
        && subscriber.state.takesBytes()
        && writes.takesBytes(subscriber, now)) {
      EventId id = subscriber.currentId(log.state());
      byte[] frame = ControlFrames.drain(id, reason, reconnectMillis);
      writes.write(subscriber, Batch.control(frame, id), now);
    }
    end(subscriber, reason, null);
  }

  void endAll(EndReason reason, Throwable cause) {
    for (Subscriber subscriber : List.copyOf(all)) {
      end(subscriber, reason, cause);
    }
  }

  /** Ends a stream, or does nothing if it has ended. */
  void end(Subscriber subscriber, EndReason reason, Throwable cause) {
    if (!all.remove(subscriber)) {
      return;
    }
    expiries.remove(subscriber);
    transitions.apply(subscriber, Input.END, System.nanoTime());
    Throwable why = cause;
    try {
      subscriber.release();
    } catch (RuntimeException | Error e) {
      // The container has ended the response already, or cannot: the stream counts as ended.
      why = cause == null ? e : cause;
    }
    departures.departed(subscriber, reason, why);
  }
}
