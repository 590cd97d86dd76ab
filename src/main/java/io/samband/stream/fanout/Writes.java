package io.samband.stream.fanout;

import io.samband.stream.fanout.SubscriberState.Input;
import java.io.IOException;

/** Writes to subscribers and applies what came of it: an output that is full now, or one that is broken. */
final class Writes {
  /** Ends a subscriber to which nothing can be written any more. */
  interface Ends {
    void end(Subscriber subscriber, EndReason reason, Throwable cause);
  }

  private final Transitions transitions;
  private final Ends ends;

  Writes(Transitions transitions, Ends ends) {
    this.transitions = transitions;
    this.ends = ends;
  }

  /** Asks the output whether it takes bytes. If not, the subscriber is blocked or gone afterwards. */
  boolean takesBytes(Subscriber subscriber, long now) {
    try {
      if (subscriber.isReady()) {
        return true;
      }
      transitions.apply(subscriber, Input.FULL, now);
    } catch (IOException | RuntimeException e) {
      ends.end(subscriber, EndReason.GONE, e);
    }
    return false;
  }

  /** Writes a batch to an output that takes bytes. */
  void write(Subscriber subscriber, Batch batch, long now) {
    if (hasExpired(subscriber)) {
      return;
    }
    try {
      subscriber.write(batch, now);
      if (!subscriber.isReady()) {
        transitions.apply(subscriber, Input.FULL, now);
      }
    } catch (IOException | RuntimeException e) {
      ends.end(subscriber, EndReason.GONE, e);
    }
  }

  /** Whatever held the worker up: nothing is written after the identity of its user has expired. */
  private boolean hasExpired(Subscriber subscriber) {
    boolean expired = subscriber.owner().ends() && subscriber.owner().hasEnded(System.nanoTime());
    if (expired) {
      ends.end(subscriber, EndReason.EXPIRED, null);
    }
    return expired;
  }
}
