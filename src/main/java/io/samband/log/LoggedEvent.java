package io.samband.log;

import io.samband.event.Audience;
import io.samband.event.EventId;
import java.nio.charset.StandardCharsets;

/** An event as the log keeps it: numbered, and encoded once. Immutable: nobody may write to {@link #json()}. */
public final class LoggedEvent {
  private final EventId id;
  private final EventHeader header;
  private final byte[] json;

  public LoggedEvent(EventId id, String type, Audience audience, byte[] json) {
    this.id = id;
    this.header = new EventHeader(id.offset(), type, audience);
    this.json = json;
  }

  public EventId id() {
    return id;
  }

  public long offset() {
    return id.offset();
  }

  /** What filters decide by. */
  public EventHeader header() {
    return header;
  }

  public String type() {
    return header.type();
  }

  public Audience audience() {
    return header.audience();
  }

  /** The whole event, one line of JSON in UTF-8. Not a copy. */
  public byte[] json() {
    return json;
  }

  /** {@link #json()} as text. */
  public String jsonText() {
    return new String(json, StandardCharsets.UTF_8);
  }
}
