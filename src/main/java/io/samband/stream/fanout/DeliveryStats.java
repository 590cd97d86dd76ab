package io.samband.stream.fanout;

import java.util.Map;
import java.util.TreeMap;

/**
 * What was delivered since the start, and how many subscribers there are now.
 *
 * @param events application events, over all subscribers
 * @param bytes of frames, before any transfer coding
 * @param pages read from the disk for subscribers that were behind the ring
 * @param byState how many subscribers are in each state; every state is there
 * @param maxLag how many events the subscriber that is furthest behind has not been given
 */
public record DeliveryStats(
    long events,
    long bytes,
    long pages,
    long keepalives,
    Map<String, Integer> byState,
    long maxLag) {
  /** Nothing delivered and no subscribers. */
  public static final DeliveryStats NONE = new DeliveryStats(0, 0, 0, 0, noSubscribers(), 0);

  public DeliveryStats {
    byState = Map.copyOf(byState);
  }

  static Map<String, Integer> noSubscribers() {
    Map<String, Integer> states = new TreeMap<>();
    for (SubscriberState state : SubscriberState.values()) {
      if (state != SubscriberState.CLOSED) {
        states.put(state.wireName(), 0);
      }
    }
    return states;
  }

  DeliveryStats plus(DeliveryStats other) {
    Map<String, Integer> states = new TreeMap<>(byState);
    other.byState.forEach((state, count) -> states.merge(state, count, Integer::sum));
    return new DeliveryStats(
        events + other.events,
        bytes + other.bytes,
        pages + other.pages,
        keepalives + other.keepalives,
        states,
        Math.max(maxLag, other.maxLag));
  }
}
