package io.samband.log.h2;

import io.samband.event.EventId;
import io.samband.log.Epochs;
import io.samband.log.EventFilter;
import io.samband.log.EventHeader;
import io.samband.log.LoggedEvent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What one page has so far. */
final class PageBuilder {
  /** Rows that one page looks at, at the most: a filter that takes nothing must not scan the whole log. */
  static final int MAX_SCAN = 4_096;

  final List<LoggedEvent> events = new ArrayList<>();
  private final EventFilter filter;
  private final int limit;
  private final int maxBytes;
  private final long after;
  long through;
  private long bytes;
  private boolean full;

  PageBuilder(long after, EventFilter filter, int limit, int maxBytes) {
    this.after = after;
    this.through = after;
    this.filter = filter;
    this.limit = limit;
    this.maxBytes = maxBytes;
  }

  boolean goesOn(long last) {
    return !full && through < last && through - after < MAX_SCAN;
  }

  /** Whether there were rows, and each followed the one before. */
  boolean take(ResultSet rows, Epochs epochs) throws SQLException {
    boolean any = false;
    while (rows.next()) {
      long offset = rows.getLong(1);
      // A missing row means that trimming has overtaken this reader; the caller looks again at what
      // is kept.
      if (offset != through + 1) {
        return false;
      }
      EventHeader header = TypeColumn.read(offset, rows.getString(2));
      if (filter.takes(header)) {
        byte[] json = rows.getBytes(3);
        if (!events.isEmpty() && (events.size() == limit || bytes + json.length > maxBytes)) {
          full = true;
          return true;
        }
        EventId id = new EventId(epochs.of(offset), offset);
        events.add(new LoggedEvent(id, header.type(), header.audience(), json));
        bytes += json.length;
      }
      through = offset;
      any = true;
    }
    full = events.size() >= limit || bytes >= maxBytes;
    return any;
  }
}
