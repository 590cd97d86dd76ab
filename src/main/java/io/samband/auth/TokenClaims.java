package io.samband.auth;

import java.time.Instant;
import java.util.Set;

/** What a good token says. */
public record TokenClaims(
    String user, Set<String> roles, Set<String> attributes, Instant expiresAt) {
  public TokenClaims {
    roles = Set.copyOf(roles);
    attributes = Set.copyOf(attributes);
  }
}
