package io.samband.event;

/** A text is the JSON of an event, but one of its values is not allowed. */
public class InvalidEventException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  InvalidEventException(String message) {
    super(message);
  }
}
