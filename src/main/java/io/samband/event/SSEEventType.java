package io.samband.event;

import java.util.Locale;

/** The event types that are known everywhere. A module may use names of its own beside these. */
public enum SSEEventType {
  FLASH_MESSAGE,
  FLASH_ACKNOWLEDGED,
  BILSTATUS_UPDATE,
  EVENT_CREATED,
  EVENT_UPDATED,
  BONFIRE_CREATED,
  BONFIRE_UPDATED,
  TEST;

  private final String wireName = name().toLowerCase(Locale.ROOT);

  /** The name on the wire, for example {@code flash_message}. */
  public String wireName() {
    return wireName;
  }
}
