package io.samband.stream.fanout;

import java.util.ArrayList;
import java.util.List;

/** The subscribers that are served in turns, each at most once in the queue. Belongs to one worker. */
final class ReadyQueue {
  private List<Subscriber> queue = new ArrayList<>();
  private List<Subscriber> spare = new ArrayList<>();

  /** Queues a subscriber for the next turn. */
  void add(Subscriber subscriber) {
    if (!subscriber.isQueued) {
      subscriber.isQueued = true;
      queue.add(subscriber);
    }
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  /** Begins a turn: what is added from now on belongs to the next one. The list is valid until the next turn. */
  List<Subscriber> turn() {
    List<Subscriber> turn = queue;
    spare.clear();
    queue = spare;
    spare = turn;
    for (Subscriber subscriber : turn) {
      subscriber.isQueued = false;
    }
    return turn;
  }
}
