package io.samband.auth.token;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** Which claims a token must have, and which it must not. Immutable. */
final class ClaimRules {
  /** The year 10000. A later time is a mistake, and would not fit into the numbers of those that count with it. */
  private static final double LAST_SECOND = 253_402_300_800d;

  private final TokenSettings settings;

  ClaimRules(TokenSettings settings) {
    this.settings = settings;
  }

  /**
   * Checks the claims of a token whose signature is good.
   *
   * @return the first moment at which the token is no longer accepted
   */
  Instant check(Map<String, Object> claims, Instant now) throws InvalidTokenException {
    require(settings.issuer().equals(claims.get("iss")), "issuer");
    require(ClaimPath.texts(claims.get("aud")).contains(settings.audience()), "audience");
    isAccessToken(claims);
    Duration skew = settings.clockSkew();
    if (claims.get("nbf") != null) {
      require(!now.isBefore(time(claims, "nbf").minus(skew)), "not_yet_valid");
    }
    Instant expiresAt = time(claims, "exp").plus(skew);
    require(now.isBefore(expiresAt), "expired");
    return expiresAt;
  }

  /** ID tokens and refresh tokens have good signatures, but are not made for an API. */
  private static void isAccessToken(Map<String, Object> claims) throws InvalidTokenException {
    for (String ofIdTokens : new String[] {"nonce", "at_hash", "c_hash"}) {
      require(claims.get(ofIdTokens) == null, "id_token");
    }
    // Keycloak: Bearer, ID, Refresh, Offline or Logout.
    Object type = claims.get("typ");
    require(type == null || "Bearer".equals(type), "token_type");
    // Amazon Cognito: access or id.
    require(!"id".equals(claims.get("token_use")), "id_token");
  }

  /** RFC 7519: seconds since 1970, perhaps with a fraction. */
  private static Instant time(Map<String, Object> claims, String name)
      throws InvalidTokenException {
    if (claims.get(name) instanceof Number number) {
      double seconds = number.doubleValue();
      if (seconds >= 0 && seconds < LAST_SECOND) {
        return Instant.ofEpochMilli((long) (seconds * 1000));
      }
    }
    throw new InvalidTokenException(name);
  }

  private static void require(boolean good, String reason) throws InvalidTokenException {
    if (!good) {
      throw new InvalidTokenException(reason);
    }
  }
}
