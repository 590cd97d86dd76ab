package io.samband.stream.fanout;

import io.samband.stream.fanout.SubscriberState.Input;
import java.util.ArrayList;
import java.util.List;

/**
 * Serves the subscribers that have more to come, one by one and in turns, until they have everything and join their group.
 * Belongs to one worker.
 */
final class TurnDelivery {
  /** Writes to one subscriber in a row before the others have their turn. */
  private static final int MAX_WRITES_IN_A_ROW = 8;

  private final WorkerContext worker;
  private final ReadyQueue queue;
  private final Transitions transitions;
  private final Writes writes;
  private final GroupDelivery groups;

  /** Those whose group is at another cursor. They are served alone until they meet it. */
  private final List<Subscriber> ahead = new ArrayList<>();

  TurnDelivery(
      WorkerContext worker,
      ReadyQueue queue,
      Transitions transitions,
      Writes writes,
      GroupDelivery groups) {
    this.worker = worker;
    this.queue = queue;
    this.transitions = transitions;
    this.writes = writes;
    this.groups = groups;
  }

  /** The groups have moved: those that are ahead of theirs are looked at again in the next turn. */
  void groupsMoved() {
    ahead.forEach(queue::add);
    ahead.clear();
  }

  /**
   * Serves each subscriber in the queue once.
   *
   * @return whether some of them have still more to come
   */
  boolean serve(long now) {
    if (queue.isEmpty()) {
      return false;
    }
    List<Subscriber> turn = queue.turn();
    for (Subscriber subscriber : turn) {
      if (subscriber.state == SubscriberState.READY) {
        serve(subscriber, now);
        worker.progress().made();
      }
    }
    turn.clear();
    return !queue.isEmpty();
  }

  private void serve(Subscriber subscriber, long now) {
    if (!writes.takesBytes(subscriber, now)) {
      return;
    }
    for (int i = 0; i < MAX_WRITES_IN_A_ROW; i++) {
      Batch batch = next(subscriber, now);
      if (batch == null) {
        return;
      }
      if (!batch.isEmpty() || !subscriber.isGreeted()) {
        worker.counters().written(batch);
        writes.write(subscriber, batch, now);
        if (subscriber.state != SubscriberState.READY) {
          return;
        }
      } else {
        subscriber.cursor = batch.through();
        if (subscriber.cursor >= worker.ring().newest()) {
          settle(subscriber, now);
          return;
        }
      }
    }
    queue.add(subscriber);
  }

  /** What a subscriber gets next, or null if a page of the log was requested. */
  private Batch next(Subscriber subscriber, long now) {
    if (subscriber.page != null) {
      Batch page = subscriber.page;
      subscriber.page = null;
      return page;
    }
    if (subscriber.isHeld()) {
      return hold(subscriber, now);
    }
    Window window = worker.ring().after(subscriber.cursor, subscriber.filter, Batch.MAX_BYTES);
    if (window == null && !subscriber.isGreeted()) {
      // The greeting must not wait for the disk.
      return Batch.nothing(subscriber.cursor);
    }
    if (window == null) {
      transitions.apply(subscriber, Input.BEHIND, now);
      worker
          .reader()
          .read(subscriber.cursor, subscriber.filter, () -> !subscriber.isClosed(), page -> {
            // In the thread of the reader, so that the worker does not copy pages.
            Batch batch = page.whole();
            worker.inWorker().accept(() -> resume(subscriber, batch));
          });
      return null;
    }
    return window.whole();
  }

  /** After its greeting it waits as for a page of the log, which never comes: it is told to come back. */
  private Batch hold(Subscriber subscriber, long now) {
    if (!subscriber.isGreeted()) {
      return Batch.nothing(subscriber.cursor);
    }
    transitions.apply(subscriber, Input.BEHIND, now);
    return null;
  }

  private void resume(Subscriber subscriber, Batch page) {
    if (subscriber.state.isReplaying()) {
      worker.counters().pages++;
      subscriber.page = page;
      transitions.apply(subscriber, Input.PAGE, System.nanoTime());
    }
  }

  private void settle(Subscriber subscriber, long now) {
    if (!groups.settle(subscriber, now)) {
      ahead.add(subscriber);
    }
  }
}
