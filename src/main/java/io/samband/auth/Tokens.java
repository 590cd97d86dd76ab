package io.samband.auth;

import io.samband.settings.Settings;

/** Checks tokens. */
public final class Tokens implements AutoCloseable {
  public Tokens(Settings settings) {}

  static boolean isConfigured(Settings settings) {
    return false;
  }

  @SuppressWarnings("DoNotCallSuggester")
  TokenClaims verify(String token) throws InvalidTokenException, KeysUnavailableException {
    throw new InvalidTokenException("none");
  }

  @Override
  public void close() {}
}
