package io.samband.stream.fanout;

import io.samband.stream.fanout.SubscriberState.Input;

/**
 * The only code that changes a subscriber's state, and with it the group and the queue that the subscriber is in. Belongs to
 * one worker.
 */
final class Transitions {
  private final ReadyQueue ready;

  Transitions(ReadyQueue ready) {
    this.ready = ready;
  }

  /**
   * Applies an input.
   *
   * @param now of {@link System#nanoTime}
   */
  void apply(Subscriber subscriber, Input input, long now) {
    SubscriberState from = subscriber.state;
    SubscriberState to = from.after(input);
    subscriber.state = to;
    if (from == SubscriberState.IDLE && to != SubscriberState.IDLE) {
      subscriber.group.remove(subscriber);
    }
    if (to == SubscriberState.READY && from != SubscriberState.READY) {
      ready.add(subscriber);
    }
    if (to.isReplaying() && !from.isReplaying()) {
      subscriber.pageAskedNanos = now;
    }
    if (to.isFull() && !from.isFull()) {
      subscriber.blockedSinceNanos = now;
    }
  }

  /** It has everything that its group has: it joins it. */
  void settle(Subscriber subscriber, SubscriberGroup group, long now) {
    apply(subscriber, Input.SETTLED, now);
    group.add(subscriber);
  }
}
