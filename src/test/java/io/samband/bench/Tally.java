package io.samband.bench;

import java.util.Arrays;

/**
 * What was published and what arrived. The marker in the event's data, {@code "t":<nanos>,"n":<number>}, says when an event was
 * meant to be published and which one it is.
 */
final class Tally {
  final Histogram latency = new Histogram();
  final Histogram publish = new Histogram();
  private final int types;
  private final int[] openByType;
  private int[] deliveredByEvent = new int[1024];

  // Publishes that are under way together get their order from the server: the first subscriber
  // shows which.
  private int[] positionByEvent = new int[1024];
  private final int[] nextPositionByType;
  private long startNanos = Long.MAX_VALUE;

  int published;
  int acknowledged;
  int publishFailures;
  long delivered;
  long doubled;
  long lastDeliveryNanos;
  private int oldestIncomplete;

  Tally(int types) {
    this.types = types;
    this.openByType = new int[types];
    this.nextPositionByType = new int[types];
  }

  /** Events that were meant to be published earlier do not count. */
  void start(long nowNanos) {
    startNanos = nowNanos;
    lastDeliveryNanos = nowNanos;
  }

  void opened(int type) {
    openByType[type]++;
  }

  void closed(int type) {
    openByType[type]--;
  }

  /**
   * Takes note of one event for one subscriber.
   *
   * @param position how many events of this run it should have had before
   * @return its position after this one
   */
  int delivered(long intendedNanos, int event, int position, long nowNanos) {
    if (intendedNanos < startNanos || event >= published) {
      return position;
    }
    latency.add(nowNanos - intendedNanos);
    delivered++;
    lastDeliveryNanos = nowNanos;
    if (event >= deliveredByEvent.length) {
      deliveredByEvent = Arrays.copyOf(deliveredByEvent, published * 2);
      positionByEvent = Arrays.copyOf(positionByEvent, published * 2);
    }
    if (deliveredByEvent[event]++ == 0) {
      positionByEvent[event] = nextPositionByType[event % types]++;
    }
    if (positionByEvent[event] < position) {
      doubled++;
    }
    return Math.max(position, positionByEvent[event] + 1);
  }

  /** How many events have not reached everybody yet. */
  int outstanding() {
    while (oldestIncomplete < published
        && oldestIncomplete < deliveredByEvent.length
        && deliveredByEvent[oldestIncomplete] >= openByType[oldestIncomplete % types]) {
      oldestIncomplete++;
    }
    return published - oldestIncomplete;
  }

  /** The oldest one never will. */
  void giveUpOldest() {
    oldestIncomplete++;
  }

  /** How many deliveries there must be, if nobody who was there at the start left. */
  static long expected(int published, int[] subscribersByType) {
    long all = 0;
    int types = subscribersByType.length;
    for (int type = 0; type < types; type++) {
      int events = published / types + (type < published % types ? 1 : 0);
      all += (long) events * subscribersByType[type];
    }
    return all;
  }

  int[] openByType() {
    return openByType.clone();
  }
}
