package io.samband.log;

import java.util.List;

/**
 * A part of the log.
 *
 * @param reset what could not be read and must be announced first, or null
 * @param events those that the filter takes, in order
 * @param through the cursor after this page, past filtered events too
 * @param more whether the log has more after this page
 */
public record Page(Reset reset, List<LoggedEvent> events, long through, boolean more) {
  public Page {
    events = List.copyOf(events);
  }
}
