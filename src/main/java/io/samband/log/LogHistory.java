package io.samband.log;

import io.samband.event.EventHistory;
import io.samband.event.EventId;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.function.Consumer;

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
  public EventId read(long after, Set<String> types, Consumer<Recorded> each) {
    // A state is for everybody, so it is made of the events that everybody may see.
    EventFilter filter = new EventFilter(types, Set.of());
    // What is appended while this reads is left for the next call, which therefore always ends.
    long newest = log.state().newest();
    long cursor = after;
    while (cursor < newest) {
      Page page = page(cursor, filter);
      if (page.through() <= cursor) {
        throw new IllegalStateException("the event log has nothing after offset " + cursor);
      }
      for (LoggedEvent event : page.events()) {
        each.accept(new Recorded(event.id(), event.type(), data(event)));
      }
      cursor = page.through();
    }
    return log.state().idAt(cursor);
  }

  private Page page(long cursor, EventFilter filter) {
    try {
      return log.read(cursor, filter, PAGE_EVENTS, PAGE_BYTES);
    } catch (LogUnavailableException e) {
      throw new IllegalStateException("the event log cannot be read now", e);
    }
  }

  /** The value of {@code data}, which stands between the type and the timestamp; both have a known form. */
  private static String data(LoggedEvent event) {
    String json = new String(event.json(), StandardCharsets.UTF_8);
    int from = "{\"type\":\"\",\"data\":".length() + event.type().length();
    return json.substring(from, json.lastIndexOf(",\"timestamp\":\""));
  }
}
