package io.samband.auth.token;

import java.time.Instant;
import java.util.Set;

/**
 * What a verified token says about its bearer. The token itself is not kept.
 *
 * @param user the value of the user claim
 * @param roles the values of the roles claim
 * @param attributes such as {@code station:B12}, made of the attribute claims
 * @param expiresAt the first moment at which the token is no longer accepted: {@code exp} plus the clock skew
 */
public record TokenClaims(
    String user, Set<String> roles, Set<String> attributes, Instant expiresAt) {
  public TokenClaims {
    roles = Set.copyOf(roles);
    attributes = Set.copyOf(attributes);
  }
}
