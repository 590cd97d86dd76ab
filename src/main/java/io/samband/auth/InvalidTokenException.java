package io.samband.auth;

/** A token that is not accepted. The message is for the audit log only. */
public final class InvalidTokenException extends Exception {
  private static final long serialVersionUID = 1L;

  public InvalidTokenException(String reason) {
    super(reason);
  }
}
