package io.samband.log;

import io.samband.event.EventId;
import java.util.Locale;

/**
 * Where a new reader begins to read, with or without a cursor.
 *
 * @param helloId the id for {@code hello}: never beyond what the reader has
 * @param after the offset to read after
 * @param reset what to announce before anything else, or null
 */
public record Replay(Kind kind, EventId helloId, long after, Reset reset) {
  /** Whether the reader gets the events after its cursor: it has none, it gets all, or some are missing. */
  public enum Kind {
    NONE,
    COMPLETE,
    INCOMPLETE;

    /** The word for the wire. */
    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
