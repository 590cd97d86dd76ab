package io.samband.log;

/**
 * Offsets that have no event: those of events that were lost, or cannot be read any more.
 *
 * @param from the first of them
 * @param to the last of them
 */
public record Gap(long from, long to) {
  public Gap {
    if (from < 1 || to < from) {
      throw new IllegalArgumentException("no gap: " + from + " to " + to);
    }
  }

  /** How many offsets it has. */
  public long size() {
    return to - from + 1;
  }

  /** Whether an offset is among them. */
  public boolean contains(long offset) {
    return from <= offset && offset <= to;
  }
}
