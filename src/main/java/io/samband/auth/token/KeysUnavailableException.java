package io.samband.auth.token;

/** No key was ever fetched, so that no token can be verified yet: the answer is 503. */
public final class KeysUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  KeysUnavailableException() {
    // Without a stack trace, as it is thrown once per request for as long as the issuer is down.
    super("no key of the issuer could be fetched yet", null, false, false);
  }
}
