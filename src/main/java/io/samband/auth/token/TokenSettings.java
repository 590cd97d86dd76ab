package io.samband.auth.token;

import com.nimbusds.jose.JWSAlgorithm;
import io.samband.settings.BadSettingException;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The settings {@code samband.auth.jwt.*}, checked. Immutable. */
record TokenSettings(
    String issuer,
    String audience,
    String keys,
    Set<JWSAlgorithm> algorithms,
    Duration clockSkew,
    ClaimPath user,
    ClaimPath roles,
    Map<ClaimPath, String> attributes) {

  // Algorithms that the JDK and Nimbus have on their own, without a further library.
  private static final Set<JWSAlgorithm> WITH_PUBLIC_KEYS = Set.of(
      JWSAlgorithm.RS256,
      JWSAlgorithm.RS384,
      JWSAlgorithm.RS512,
      JWSAlgorithm.PS256,
      JWSAlgorithm.PS384,
      JWSAlgorithm.PS512,
      JWSAlgorithm.ES256,
      JWSAlgorithm.ES384,
      JWSAlgorithm.ES512);

  private static final List<Setting> TOGETHER =
      List.of(Setting.JWT_ISSUER, Setting.JWT_AUDIENCE, Setting.JWT_KEYS);

  /** Attributes that every identity has: a claim must not be able to forge them. */
  private static final Set<String> RESERVED = Set.of("user", "role");

  /**
   * Whether tokens are accepted at all.
   *
   * @throws BadSettingException if only some of issuer, audience and keys are set
   */
  static boolean areGiven(Settings settings) {
    List<Setting> missing =
        TOGETHER.stream().filter(setting -> settings.text(setting).isEmpty()).toList();
    if (!missing.isEmpty() && missing.size() < TOGETHER.size()) {
      throw new BadSettingException(
          missing.get(0).key(),
          "",
          TOGETHER.stream().map(Setting::key).collect(Collectors.joining(", "))
              + " either all or none");
    }
    return missing.isEmpty();
  }

  /** Reads and checks them all. */
  static TokenSettings of(Settings settings) {
    if (!areGiven(settings)) {
      throw new BadSettingException(Setting.JWT_KEYS.key(), "", Setting.JWT_KEYS.meaning());
    }
    return new TokenSettings(
        settings.text(Setting.JWT_ISSUER),
        settings.text(Setting.JWT_AUDIENCE),
        settings.text(Setting.JWT_KEYS),
        algorithms(settings),
        settings.millis(Setting.JWT_CLOCK_SKEW_MILLIS),
        user(settings),
        new ClaimPath(settings.text(Setting.JWT_ROLES_CLAIM)),
        attributes(settings));
  }

  /** Whether tokens are signed with a secret that the issuer and this deployment share. */
  boolean usesSecret() {
    return algorithms.contains(JWSAlgorithm.HS256);
  }

  private static ClaimPath user(Settings settings) {
    String claim = settings.text(Setting.JWT_USER_CLAIM);
    if (claim.isEmpty()) {
      throw new BadSettingException(Setting.JWT_USER_CLAIM.key(), claim, "the name of a claim");
    }
    return new ClaimPath(claim);
  }

  private static Set<JWSAlgorithm> algorithms(Settings settings) {
    Set<JWSAlgorithm> algorithms = settings.texts(Setting.JWT_ALGORITHMS).stream()
        .map(JWSAlgorithm::new)
        .collect(Collectors.toUnmodifiableSet());
    if (algorithms.equals(Set.of(JWSAlgorithm.HS256))
        || (!algorithms.isEmpty() && WITH_PUBLIC_KEYS.containsAll(algorithms))) {
      return algorithms;
    }
    String names = WITH_PUBLIC_KEYS.stream()
        .map(JWSAlgorithm::getName)
        .sorted()
        .collect(Collectors.joining(", "));
    throw new BadSettingException(
        Setting.JWT_ALGORITHMS.key(),
        settings.text(Setting.JWT_ALGORITHMS),
        names + ", separated by commas; or HS256 alone");
  }

  private static Map<ClaimPath, String> attributes(Settings settings) {
    Map<ClaimPath, String> attributes = new LinkedHashMap<>();
    for (String pair : settings.texts(Setting.JWT_ATTRIBUTE_CLAIMS)) {
      // The name of a claim may have equals signs in it, the name of an attribute has none.
      int equals = pair.lastIndexOf('=');
      String claim = pair.substring(0, Math.max(equals, 0)).trim();
      String name = pair.substring(equals + 1).trim();
      if (claim.isEmpty() || !name.matches("[a-z][a-z0-9_]{0,31}") || RESERVED.contains(name)) {
        throw new BadSettingException(
            Setting.JWT_ATTRIBUTE_CLAIMS.key(),
            pair,
            "pairs claim=name, separated by commas; a name has the form [a-z][a-z0-9_]*, at most 32 characters,"
                + " and is neither user nor role");
      }
      attributes.merge(new ClaimPath(claim), name, (one, other) -> {
        throw new BadSettingException(Setting.JWT_ATTRIBUTE_CLAIMS.key(), pair, "each claim once");
      });
    }
    return Map.copyOf(attributes);
  }
}
