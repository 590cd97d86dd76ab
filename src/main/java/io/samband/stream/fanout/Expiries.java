package io.samband.stream.fanout;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The subscribers whose identity expires, the next one first. Belongs to one worker.
 *
 * <p>Times are of {@link System#nanoTime}, and are compared as numbers: they overflow after 292 years.
 */
final class Expiries {
  /** A stream ends at least so long before its identity expires: longer than a turn of a busy worker, so that nothing is written later. */
  static final long MARGIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /**
   * Each further one of the same second ends so much earlier. Ending a stream, and refusing its client that comes back with the same
   * token, took 0.5 ms on a server with 10,000 of them.
   */
  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final TreeMap<Due, Subscriber> ending = new TreeMap<>();
  private final Map<Subscriber, Due> known = new HashMap<>();
  private final TreeMap<Long, Integer> sameSecond = new TreeMap<>();

  private record Due(long nanos, long number) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      return nanos == other.nanos
          ? Long.compare(number, other.number)
          : Long.compare(nanos, other.nanos);
    }
  }

  void add(Subscriber subscriber) {
    if (!subscriber.owner().ends()) {
      return;
    }
    long end = subscriber.owner().endNanos();
    int before = sameSecond.merge(TimeUnit.NANOSECONDS.toSeconds(end), 1, Integer::sum) - 1;
    Due due =
        new Due(end - MARGIN_NANOS - before * STEP_NANOS, subscriber.peer().number());
    ending.put(due, subscriber);
    known.put(subscriber, due);
  }

  void remove(Subscriber subscriber) {
    Due due = known.remove(subscriber);
    if (due != null) {
      ending.remove(due);
    }
  }

  /** Takes out those whose streams are to be ended now. */
  List<Subscriber> takeDue(long now) {
    List<Subscriber> due = new ArrayList<>();
    while (waitNanos(now) <= 0) {
      Subscriber subscriber = ending.pollFirstEntry().getValue();
      known.remove(subscriber);
      due.add(subscriber);
    }
    sameSecond.headMap(TimeUnit.NANOSECONDS.toSeconds(now)).clear();
    return due;
  }

  /** How long until the next one is due; 0 or less when it is. */
  long waitNanos(long now) {
    return ending.isEmpty() ? Long.MAX_VALUE : ending.firstKey().nanos() - now;
  }
}
