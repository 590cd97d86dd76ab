package io.samband.log;

import io.samband.event.EventHistory;
import io.samband.event.EventId;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Reads the event log for modules that know only {@link EventHistory}. */
@ApplicationScoped
public class LogHistory implements EventHistory {
  private static final int PAGE_EVENTS = 1_000;
  private static final int PAGE_BYTES = 1 << 20;

  private EventLog log;

  /** For the proxy of CDI. */
  protected LogHistory() {}

  @Inject
  public LogHistory(EventLog log) {
    this.log = log;
  }

  @Override
  public EventId read(EventId after, Set<String> types, Reader reader) {
    // A state is for everybody, so it is made of the events that everybody may see.
    EventFilter filter = new EventFilter(types, Set.of());
    try {
      return read(after, filter, reader);
    } catch (LogUnavailableException e) {
      throw new IllegalStateException("the event log cannot be read now", e);
    }
  }

  private EventId read(EventId after, EventFilter filter, Reader reader) {
    LogState known = log.state();
    long cursor = 0;
    if (after != null) {
      if (log.replay(after.toString()).kind() == Replay.Kind.COMPLETE) {
        cursor = after.offset();
      } else {
        reader.restart();
      }
    }
    // What is appended while this reads is left for the next call, which therefore always ends.
    long newest = log.state().newest();
    while (true) {
      Page page = cursor < newest ? log.read(cursor, filter, PAGE_EVENTS, PAGE_BYTES) : null;
      LogState now = log.state();
      if (!now.continues(known)) {
        // The log was rewound: the page may be of another log than the ones before it.
        reader.restart();
        cursor = 0;
        newest = now.newest();
        known = now;
        continue;
      }
      known = now;
      if (page == null) {
        return now.idAt(cursor);
      }
      if (page.through() <= cursor) {
        throw new IllegalStateException("the event log has nothing after offset " + cursor);
      }
      for (LoggedEvent event : page.events()) {
        reader.event(new Recorded(event.id(), event.type(), data(event)));
      }
      cursor = page.through();
    }
  }

  /** The value of {@code data}, which stands between the type and the timestamp; both have a known form. */
  private static String data(LoggedEvent event) {
    String json = new String(event.json(), StandardCharsets.UTF_8);
    int from = "{\"type\":\"\",\"data\":".length() + event.type().length();
    return json.substring(from, json.lastIndexOf(",\"timestamp\":\""));
  }
}
