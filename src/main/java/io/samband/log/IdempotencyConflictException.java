package io.samband.log;

/**
 * An {@code Idempotency-Key} came again with another body. The message does not say which: the key of a publisher with an
 * identity is not the one that was sent.
 */
public class IdempotencyConflictException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public IdempotencyConflictException() {
    super("this Idempotency-Key was used with another body; use a new key");
  }
}
