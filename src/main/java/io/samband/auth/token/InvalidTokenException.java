package io.samband.auth.token;

/** A token that is not accepted: the answer is 401. */
public final class InvalidTokenException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one without a stack trace: anybody can send bad tokens, as fast as the network allows.
   *
   * @param reason one word of ours, such as {@code expired}, and never a part of the token
   */
  InvalidTokenException(String reason) {
    super(reason, null, false, false);
  }

  /** One word for the audit log, such as {@code expired}. The caller of the API is not told. */
  public String reason() {
    return getMessage();
  }
}
