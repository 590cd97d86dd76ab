package io.samband.log;

import java.util.ArrayList;
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

  /**
   * What the filter has left out, in order: with the events and the reset they are all offsets of this page.
   *
   * @param after the offset after which the page was read
   */
  public List<Skip> skipped(long after) {
    List<Skip> skipped = new ArrayList<>();
    long last = reset == null ? after : reset.id().offset();
    for (LoggedEvent event : events) {
      if (event.offset() > last + 1) {
        skipped.add(new Skip(last + 1, event.offset() - 1));
      }
      last = event.offset();
    }
    if (through > last) {
      skipped.add(new Skip(last + 1, through));
    }
    return skipped;
  }
}
