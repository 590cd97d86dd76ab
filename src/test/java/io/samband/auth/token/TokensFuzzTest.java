package io.samband.auth.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.util.Base64URL;
import io.samband.settings.Settings;
import io.samband.testing.TokenMint;
import java.time.Clock;
import java.util.List;
import java.util.Map;

class TokensFuzzTest {
  private static final TokenMint MINT = new TokenMint("https://issuer.example", "samband");

  private final Tokens tokens = new Tokens(
      TokenSettings.of(Settings.of(Map.of(
          "samband.auth.jwt.issuer", MINT.issuer(),
          "samband.auth.jwt.audience", MINT.audience(),
          "samband.auth.jwt.keys", "https://issuer.example/keys",
          "samband.auth.jwt.roles-claim", "realm_access.roles",
          "samband.auth.jwt.attribute-claims", "stations=station"))),
      new KeySource(new ImmutableJWKSet<>(new JWKSet(List.of(MINT.rsa(), MINT.ec()))), () -> {}),
      Clock.systemUTC());

  /** Any other exception fails the test. */
  @FuzzTest
  void whateverATokenIsItIsRefusedOrRead(FuzzedDataProvider data) throws Exception {
    int kind = data.consumeInt(0, 3);
    String first = data.consumeString(500);
    String rest = data.consumeRemainingAsString();
    String token = switch (kind) {
      case 0 -> first + rest;
      case 1 -> Base64URL.encode(first) + "." + Base64URL.encode(rest) + ".AAAA";
      // With a good signature, as a broken issuer may send it.
      case 2 -> MINT.token(rest);
      default -> MINT.token(claims(first, rest));
    };
    try {
      TokenClaims claims = tokens.verify(token);
      assertThat(kind).as("kinds of tokens with a good signature").isGreaterThanOrEqualTo(2);
      assertThat(claims.user()).isNotBlank().doesNotContain("\n", "\r", "\0");
      assertThat(claims.attributes()).allMatch(attribute -> attribute.matches("station:[^\\s,]+"));
    } catch (InvalidTokenException e) {
      assertThat(e.reason()).matches("[a-z_]{3,20}");
    }
  }

  private static Map<String, Object> claims(String user, String text) {
    Map<String, Object> claims = MINT.claims(Clock.systemUTC().instant());
    claims.put("sub", user);
    claims.put("stations", List.of(text, user));
    claims.put("realm_access", Map.of("roles", text));
    return claims;
  }
}
