package io.samband.auth;

import java.util.Set;
import java.util.TreeSet;

/**
 * A set of event types, which may be that of all types.
 *
 * @param all whether every type is in it; {@code names} is empty then
 */
record Types(boolean all, Set<String> names) {
  static final Types ALL = new Types(true, Set.of());
  static final Types NONE = new Types(false, Set.of());

  Types {
    names = Set.copyOf(names);
  }

  static Types of(Set<String> names) {
    return new Types(false, names);
  }

  boolean contains(String type) {
    return all || names.contains(type);
  }

  boolean isEmpty() {
    return !all && names.isEmpty();
  }

  Types plus(Types other) {
    if (all || other.all) {
      return ALL;
    }
    Set<String> both = new TreeSet<>(names);
    both.addAll(other.names);
    return of(both);
  }

  /** In alphabetical order; {@code *} means all. */
  @Override
  public String toString() {
    return all ? "*" : String.join(",", new TreeSet<>(names));
  }
}
