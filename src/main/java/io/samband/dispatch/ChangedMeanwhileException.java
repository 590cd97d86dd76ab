package io.samband.dispatch;

/** Somebody else has changed the vehicle since the sender saw it. The transaction is rolled back. */
final class ChangedMeanwhileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Vehicle current;

  ChangedMeanwhileException(Vehicle current) {
    super("vehicle " + current.id() + " has version " + current.version());
    this.current = current;
  }

  Vehicle current() {
    return current;
  }
}
