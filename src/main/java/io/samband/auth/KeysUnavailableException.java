package io.samband.auth;

/** No key of the issuer was ever available, so that no token can be checked. */
public final class KeysUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  public KeysUnavailableException(String reason) {
    super(reason);
  }
}
