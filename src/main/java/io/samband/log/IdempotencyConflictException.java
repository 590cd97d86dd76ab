package io.samband.log;

/** An {@code Idempotency-Key} came again with another body. */
public class IdempotencyConflictException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public IdempotencyConflictException(IdempotencyKey key) {
    super("Idempotency-Key " + key.value() + " was used with another body; use a new key");
  }
}
