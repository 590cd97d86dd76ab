package io.samband.event;

/** A text is not the JSON of an event: not JSON, or not an object with the members of an event. */
public class EventSyntaxException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  EventSyntaxException(String message) {
    super(message);
  }

  EventSyntaxException(String message, Throwable cause) {
    super(message, cause);
  }
}
