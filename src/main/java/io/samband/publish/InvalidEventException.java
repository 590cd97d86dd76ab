package io.samband.publish;

/** A body that is JSON, but no event that can be published. */
class InvalidEventException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InvalidEventException(String message) {
    super(message);
  }
}
