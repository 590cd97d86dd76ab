package io.samband.event;

/** An event's data has more bytes than the deployment takes ({@code samband.event.max-data-bytes}). */
public class EventTooLargeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  EventTooLargeException(String type, int bytes, int limit) {
    super("data of " + type + " has " + bytes + " bytes encoded, the limit is " + limit);
  }
}
