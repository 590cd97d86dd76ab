package io.samband.log;

import io.samband.event.EventId;
import java.util.ArrayList;
import java.util.List;

/** What one page of an engine has so far. Used by one thread. */
public final class PageBuilder {
  /** Events that one page looks at, at the most: a filter that takes nothing must not scan the whole log. */
  public static final int MAX_SCAN = 4_096;

  private final List<LoggedEvent> events = new ArrayList<>();
  private final EventFilter filter;
  private final int limit;
  private final int maxBytes;
  private final long after;
  private long through;
  private long bytes;
  private boolean full;

  /**
   * @param after the page begins after this offset
   * @param limit how many events at the most
   * @param maxBytes where to stop, once there is at least one event
   */
  public PageBuilder(long after, EventFilter filter, int limit, int maxBytes) {
    this.after = after;
    this.through = after;
    this.filter = filter;
    this.limit = limit;
    this.maxBytes = maxBytes;
  }

  /** Whether there is room for more, and more to look at up to an offset. */
  public boolean goesOn(long last) {
    return !full && through < last && through - after < MAX_SCAN;
  }

  /** Whether an offset comes next. If not, what comes next is gone or unreadable, and the page ends here. */
  public boolean isNext(long offset) {
    return offset == through + 1;
  }

  /** Whether the filter takes an event, so that its JSON is needed. */
  public boolean takes(EventHeader header) {
    return filter.takes(header);
  }

  /**
   * Adds the next event.
   *
   * @param json null if the filter does not take it
   * @return whether there was room for it
   */
  public boolean add(EventHeader header, byte[] json, Epochs epochs) {
    if (json != null) {
      if (!events.isEmpty() && (events.size() == limit || bytes + json.length > maxBytes)) {
        full = true;
        return false;
      }
      EventId id = new EventId(epochs.of(header.offset()), header.offset());
      events.add(new LoggedEvent(id, header.type(), header.audience(), json));
      bytes += json.length;
    }
    through = header.offset();
    return true;
  }

  /** What was added so far has come in one piece: the page ends here if it has reached a bound. */
  public void checkBounds() {
    full |= events.size() >= limit || bytes >= maxBytes;
  }

  /** The offset up to which it came. */
  public long through() {
    return through;
  }

  /** The page. */
  public LogEngine.Scan scan() {
    return new LogEngine.Scan(events, through);
  }
}
