package io.samband.log;

import io.samband.event.EventId;
import java.util.Locale;

/**
 * Tells a reader that events after its cursor are missing, and where reading goes on.
 *
 * @param missed how many events will never come, or null if that cannot be known
 * @param id the position after which reading goes on
 */
public record Reset(Reason reason, Long missed, EventId id) {
  /** Why events are missing. */
  public enum Reason {
    /** The cursor is not an id, or its epoch is not one of this log. */
    UNKNOWN_EPOCH,
    /** Retention removed what comes after the cursor. */
    TRIMMED,
    /** The cursor is after the last event of its epoch: a backup was put back, or the newest events were lost. */
    AHEAD,
    /** Events that came next were dropped while the log could not be written, or cannot be read any more. */
    LOST
  }

  /** {@code {"reason":"trimmed","missed":17}}. */
  public String toJson() {
    return "{\"reason\":\"" + reason.name().toLowerCase(Locale.ROOT) + "\",\"missed\":" + missed
        + '}';
  }
}
