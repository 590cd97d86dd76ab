package io.samband.log;

import io.samband.event.EventId;
import java.util.Locale;

/**
 * How a reader that came with a cursor, or without, goes on.
 *
 * @param helloId the id for {@code hello}: never beyond what the reader has
 * @param after the offset to read after
 * @param reset what to announce before anything else, or null
 */
public record Replay(Kind kind, EventId helloId, long after, Reset reset) {
  /** What becomes of the events after the cursor. */
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
