package io.samband.log;

import io.samband.event.EventId;
import java.util.Locale;

/**
 * The announcement that a cursor cannot be continued: everything that is kept follows.
 *
 * @param missed how many events will never come, or null if that cannot be known
 * @param id the position before the oldest event that is kept
 */
public record Reset(Reason reason, Long missed, EventId id) {
  /** Why a cursor cannot be continued. */
  public enum Reason {
    /** The cursor is of no opening of this log, or is garbage. */
    UNKNOWN_EPOCH,
    /** Retention removed what comes after the cursor. */
    TRIMMED,
    /** The cursor is beyond what its epoch ever had: the log was restored, or lost its tail. */
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
