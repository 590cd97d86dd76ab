package io.samband.log;

import io.samband.event.Audience;
import io.samband.event.SSEEvent;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which events a subscriber or a poll gets. Stream, replay and poll decide by it, and nothing else does.
 *
 * @param types the event types that it takes; empty means all
 * @param attributes those of the identity that asks, for example {@code user:kari}: an event with an audience is taken only if
 *     it has one of them. Null means that events are taken whatever their audience
 */
public record EventFilter(Set<String> types, Set<String> attributes) {
  /** Takes every event. */
  public static final EventFilter ALL = new EventFilter(Set.of());

  // A filter is compared with every event, so its size is bounded. No deployment has that many
  // types.
  private static final int MAX_TYPES = 100;

  public EventFilter {
    types = Set.copyOf(types);
    attributes = attributes == null ? null : Set.copyOf(attributes);
  }

  /** Takes these types, whatever their audience. */
  public EventFilter(Set<String> types) {
    this(types, null);
  }

  /**
   * Reads the {@code types} parameters of a request; each is a list such as {@code a,b,c}.
   *
   * @param types null, empty, or only blank texts mean all types
   * @throws IllegalArgumentException if a name cannot be an event type, or there are more than 100
   */
  public static EventFilter parse(List<String> types) {
    Set<String> names = new TreeSet<>();
    for (String list : types == null ? List.<String>of() : types) {
      if (list != null && !list.isBlank()) {
        parse(list, names);
      }
    }
    return names.isEmpty() ? ALL : new EventFilter(names);
  }

  private static void parse(String list, Set<String> names) {
    for (String item : list.split(",", -1)) {
      String name = item.trim();
      if (!SSEEvent.isType(name)) {
        throw new IllegalArgumentException(
            "types must be event types separated by commas, each [a-z][a-z0-9_]{0,63}");
      }
      names.add(name);
      if (names.size() > MAX_TYPES) {
        throw new IllegalArgumentException("types may name at most " + MAX_TYPES + " event types");
      }
    }
  }

  /**
   * The same types, of the events that an identity may see.
   *
   * @param identity its attributes; null means that events are taken whatever their audience
   */
  public EventFilter seenBy(Set<String> identity) {
    return new EventFilter(types, identity);
  }

  /** Whether all types are taken. */
  public boolean isAll() {
    return types.isEmpty();
  }

  /** Whether an event is taken. */
  public boolean takes(EventHeader header) {
    return (types.isEmpty() || types.contains(header.type())) && shows(header.audience());
  }

  private boolean shows(Audience audience) {
    return attributes == null ? !audience.isNobody() : audience.includes(attributes);
  }

  /** The types in alphabetical order, separated by commas. */
  @Override
  public String toString() {
    return String.join(",", new TreeSet<>(types));
  }
}
