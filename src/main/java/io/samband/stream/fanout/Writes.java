package io.samband.stream.fanout;

import io.samband.stream.fanout.SubscriberState.Input;
import java.io.IOException;

/** Writes to subscribers and applies what came of it: an output that is full now, or one that is broken. */
final class Writes {
  /** Ends a subscriber whose output is broken. */
  interface Broken {
    void broken(Subscriber subscriber, Exception cause);
  }

  private final Transitions transitions;
  private final Broken broken;

  Writes(Transitions transitions, Broken broken) {
    this.transitions = transitions;
    this.broken = broken;
  }

  /** Asks the output whether it takes bytes. If not, the subscriber is blocked or gone afterwards. */
  boolean takesBytes(Subscriber subscriber, long now) {
    try {
      if (subscriber.isReady()) {
        return true;
      }
      transitions.apply(subscriber, Input.FULL, now);
    } catch (IOException | RuntimeException e) {
      broken.broken(subscriber, e);
    }
    return false;
  }

  /** Writes a batch to an output that takes bytes. */
  void write(Subscriber subscriber, Batch batch, long now) {
    try {
      subscriber.write(batch, now);
      if (!subscriber.isReady()) {
        transitions.apply(subscriber, Input.FULL, now);
      }
    } catch (IOException | RuntimeException e) {
      broken.broken(subscriber, e);
    }
  }
}
