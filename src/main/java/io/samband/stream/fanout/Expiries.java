package io.samband.stream.fanout;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** The subscribers whose identity expires, the next one first. Belongs to one worker. */
final class Expiries {
  /** A stream ends at least so long before its identity expires: longer than a turn of a busy worker, so that nothing is written later. */
  static final long MARGIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** Up to 0.63 s earlier than that, by the number of the stream: thousands of ends at once would be a turn that is too long. */
  private static final int STEPS = 64;

  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  // Times of System.nanoTime may be compared as numbers here: they overflow after 292 years.
  private final TreeSet<Subscriber> ending = new TreeSet<>(Comparator.comparing(Expiries::dueNanos)
      .thenComparing(subscriber -> subscriber.peer().number()));

  private static long dueNanos(Subscriber subscriber) {
    long early = MARGIN_NANOS + subscriber.peer().number() % STEPS * STEP_NANOS;
    return subscriber.owner().endNanos() - early;
  }

  void add(Subscriber subscriber) {
    if (subscriber.owner().ends()) {
      ending.add(subscriber);
    }
  }

  void remove(Subscriber subscriber) {
    if (subscriber.owner().ends()) {
      ending.remove(subscriber);
    }
  }

  /** Takes out those whose streams are to be ended now. */
  List<Subscriber> takeDue(long now) {
    List<Subscriber> due = new ArrayList<>();
    while (waitNanos(now) <= 0) {
      due.add(ending.pollFirst());
    }
    return due;
  }

  /** How long until the next one is due; 0 or less when it is. */
  long waitNanos(long now) {
    return ending.isEmpty() ? Long.MAX_VALUE : dueNanos(ending.first()) - now;
  }
}
