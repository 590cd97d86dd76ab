package io.samband.auth.token;

import io.samband.event.Audience;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads user, roles and attributes from verified claims. Immutable. */
final class ClaimReader {
  private final TokenSettings settings;

  ClaimReader(TokenSettings settings) {
    this.settings = settings;
  }

  TokenClaims read(Map<String, Object> claims, Instant expiresAt) throws InvalidTokenException {
    return new TokenClaims(user(claims), roles(claims), attributes(claims), expiresAt);
  }

  private String user(Map<String, Object> claims) throws InvalidTokenException {
    if (settings.user().in(claims) instanceof String user && ClaimText.isName(user)) {
      return user;
    }
    throw new InvalidTokenException("user");
  }

  private Set<String> roles(Map<String, Object> claims) {
    return settings.roles().textsIn(claims).stream()
        .filter(ClaimText::isName)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** A value that cannot be an attribute is left out: its bearer sees less, and never more. */
  private Set<String> attributes(Map<String, Object> claims) {
    Set<String> attributes = new HashSet<>();
    settings.attributes().forEach((claim, name) -> {
      for (String value : claim.textsIn(claims)) {
        String attribute = name + ':' + value;
        if (Audience.isAttribute(attribute)) {
          attributes.add(attribute);
        }
      }
    });
    return attributes;
  }
}
