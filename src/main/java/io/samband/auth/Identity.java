package io.samband.auth;

import jakarta.json.Json;
import jakarta.json.JsonObjectBuilder;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whose request it is.
 *
 * @param name the user; null for everybody whom the modes {@code local} and {@code open} let in
 * @param roles what the rules of {@code samband.auth.*} are about
 * @param attributes of tokens, for example {@code station:B12}; without those of user and roles
 * @param expiresAt until when the identity counts; null if it has no end of its own
 * @param source where it came from
 * @param session the container's session that it was read from, or null
 */
public record Identity(
    String name,
    Set<String> roles,
    Set<String> attributes,
    Instant expiresAt,
    Source source,
    HttpSession session) {

  /** Nobody in particular, with all rights. */
  static final Identity UNNAMED = new Identity(null, Set.of(), Set.of(), null, Source.NONE, null);

  private static final String REQUEST_ATTRIBUTE = Identity.class.getName();

  /** Where an identity was read from. */
  public enum Source {
    NONE,
    BEARER,
    COOKIE,
    CONTAINER;

    /** Whether browsers send it with every request, those that the page of another site makes included. */
    boolean isSentByBrowsers() {
      return this == COOKIE || this == CONTAINER;
    }
  }

  public Identity {
    roles = Set.copyOf(roles);
    attributes = Set.copyOf(attributes);
  }

  /** The identity that {@link Guard} found. */
  public static Identity of(HttpServletRequest request) {
    if (request.getAttribute(REQUEST_ATTRIBUTE) instanceof Identity identity) {
      return identity;
    }
    throw new IllegalStateException("the request has not passed the guard");
  }

  void attachTo(HttpServletRequest request) {
    request.setAttribute(REQUEST_ATTRIBUTE, this);
  }

  /** Whether it is somebody in particular. */
  public boolean isNamed() {
    return name != null;
  }

  /** What audiences of events are compared with: user, roles, and the attributes of the token. */
  public Set<String> audienceAttributes() {
    Set<String> all = new TreeSet<>(attributes);
    roles.forEach(role -> all.add("role:" + role));
    all.add("user:" + name);
    return all;
  }

  /** Names the user without saying the name: stable, the same on all nodes. Null if it is nobody in particular. */
  public String subject() {
    return name == null ? null : hash("samband-subject\n" + name).substring(0, 16);
  }

  /** The id of the container's session, or null. Never written to a log. */
  public String sessionId() {
    return session == null ? null : session.getId();
  }

  /** Whether the session that it was read from, if any, is still valid. */
  public boolean isSessionValid() {
    try {
      return session == null || session.getCreationTime() >= 0;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  /** How long it still counts, at least 0; empty if it has no end. */
  public Optional<Long> remainingMillis(Instant now) {
    return Optional.ofNullable(expiresAt)
        .map(end -> Math.max(0, end.toEpochMilli() - now.toEpochMilli()));
  }

  /**
   * Says who it is, for {@code hello} and polls.
   *
   * @param rights see {@link Rights#fingerprint}
   */
  public String toJson(String rights, Instant now) {
    JsonObjectBuilder json = Json.createObjectBuilder()
        .add("subject", subject())
        .add("name", name)
        .add("rights", rights);
    remainingMillis(now)
        .ifPresentOrElse(
            millis -> json.add("expiresInMillis", millis), () -> json.addNull("expiresInMillis"));
    // Some clients split lines at characters that JSON leaves as they are.
    return AsciiJson.of(json.build());
  }

  static String hash(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
