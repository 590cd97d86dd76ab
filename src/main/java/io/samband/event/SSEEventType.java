package io.samband.event;

import java.util.Locale;

/** The event types that are known everywhere. A module may use names of its own beside these. */
public enum SSEEventType {
  /** A message to all desks. */
  FLASH_MESSAGE,
  /** A desk has seen a message. */
  FLASH_ACKNOWLEDGED,
  /** The status of a vehicle has changed. */
  BILSTATUS_UPDATE,
  /** There is a new incident. */
  EVENT_CREATED,
  /** An incident has changed. */
  EVENT_UPDATED,
  /** A bonfire was reported. */
  BONFIRE_CREATED,
  /** The report of a bonfire has changed. */
  BONFIRE_UPDATED,
  /** Sent by {@code POST /api/sse/test}. */
  TEST;

  private final String wireName = name().toLowerCase(Locale.ROOT);

  /** {@return the name on the wire, for example {@code flash_message}} */
  public String wireName() {
    return wireName;
  }
}
