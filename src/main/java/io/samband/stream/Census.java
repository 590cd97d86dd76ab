package io.samband.stream;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was delivered since the start, and who is connected now.
 *
 * @param events application events, over all subscribers
 * @param bytes of frames, before any transfer coding
 * @param pages read from the disk for subscribers that were behind the ring
 * @param byState how many subscribers are in each state
 * @param maxLag how many events the one that is furthest behind has not been given
 */
public record Census(
    long events,
    long bytes,
    long pages,
    long keepalives,
    Map<String, Integer> byState,
    long maxLag) {
  /** Every state, each with nobody in it. */
  static final Census NONE = new Census(0, 0, 0, 0, nobody(), 0);

  public Census {
    byState = Map.copyOf(byState);
  }

  static Map<String, Integer> nobody() {
    Map<String, Integer> states = new TreeMap<>();
    for (Subscriber.State state : Subscriber.State.values()) {
      if (state != Subscriber.State.CLOSED) {
        states.put(name(state), 0);
      }
    }
    return states;
  }

  static String name(Subscriber.State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  Census plus(Census other) {
    Map<String, Integer> states = new TreeMap<>(byState);
    other.byState.forEach((state, count) -> states.merge(state, count, Integer::sum));
    return new Census(
        events + other.events,
        bytes + other.bytes,
        pages + other.pages,
        keepalives + other.keepalives,
        states,
        Math.max(maxLag, other.maxLag));
  }
}
