package io.samband.log;

import io.samband.event.SSEEvent;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which event types a subscriber takes.
 *
 * @param types none means all
 */
public record TypeFilter(Set<String> types) {
  public static final TypeFilter ALL = new TypeFilter(Set.of());

  // A filter is compared with every event: more names than anybody has types are an attack or a
  // mistake.
  private static final int MAX_TYPES = 100;

  public TypeFilter {
    types = Set.copyOf(types);
  }

  /**
   * Reads {@code a,b,c}.
   *
   * @param types null or blank means all
   * @throws IllegalArgumentException if a name cannot be an event type, or there are too many
   */
  public static TypeFilter parse(String types) {
    if (types == null || types.isBlank()) {
      return ALL;
    }
    Set<String> names = new TreeSet<>();
    for (String name : Arrays.asList(types.split(",", -1))) {
      if (!SSEEvent.isType(name.trim())) {
        throw new IllegalArgumentException(
            "types must be event types separated by commas, each [a-z][a-z0-9_]{0,63}");
      }
      names.add(name.trim());
      if (names.size() > MAX_TYPES) {
        throw new IllegalArgumentException("types may name at most " + MAX_TYPES + " event types");
      }
    }
    return new TypeFilter(names);
  }

  public boolean isAll() {
    return types.isEmpty();
  }

  public boolean takes(String type) {
    return types.isEmpty() || types.contains(type);
  }

  @Override
  public String toString() {
    return String.join(",", new TreeSet<>(types));
  }
}
