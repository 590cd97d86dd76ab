package io.samband.auth.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.samband.settings.Settings;
import io.samband.testing.BadTokens;
import io.samband.testing.HttpsKeys;
import io.samband.testing.TokenMint;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokensTest {
  private static final Duration SKEW = Duration.ofSeconds(30);

  private final TokenMint mint = new TokenMint("https://issuer.example", "samband");
  private final HttpsKeys trap = HttpsKeys.of();
  private final MovableClock clock = new MovableClock();
  private final Tokens tokens = tokens(Map.of());
  private final Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
  private final Map<String, String> bad = BadTokens.of(mint, now, trap.url());

  @AfterAll
  void closeTrap() {
    trap.close();
  }

  Stream<Arguments> badTokens() {
    return bad.entrySet().stream().map(row -> arguments(row.getKey(), row.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badTokens")
  void aBadTokenIsRefusedForAReasonThatSaysNothingOfIt(String name, String token) {
    assertThatThrownBy(() -> tokens.verify(token))
        .isInstanceOf(InvalidTokenException.class)
        .hasNoCause()
        .extracting(e -> ((InvalidTokenException) e).reason())
        .asString()
        .matches("[a-z_]{3,20}");
    assertThat(trap.fetches()).as("requests to a URL that a token names").isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "alg None with a signature,algorithm",
    "'public key as secret of HS256, DER',algorithm",
    "another key with the same id,signature",
    "kid unknown,unknown_key",
    "aud missing,audience",
    "iss with a trailing slash,issuer",
    "exp missing,exp",
    "exp past,expired",
    "nbf ahead,not_yet_valid",
    "'ID token, by its nonce',id_token",
    "refresh token of Keycloak,token_type",
    "typ logout+jwt,type",
    "sub with NUL,user",
    "more than 8 KiB,too_large",
    "'payload nested 2,000 deep',malformed",
    "sub twice,malformed",
    "JWE,malformed",
    "crit that nobody knows,critical_header",
    "signature all zero,signature",
    "signature of ES256 all zero,signature"
  })
  void theAuditLogLearnsWhichRuleWasBroken(String name, String reason) {
    assertThatThrownBy(() -> tokens.verify(bad.get(name))).hasMessage(reason);
  }

  /** Only the last character is left out: four of its bits mean nothing. */
  @Test
  void aGoodTokenInWhichAnyCharacterWasChangedIsRefused() {
    String good = mint.token(mint.claims(now));
    for (int at = 0; at < good.length() - 1; at++) {
      String changed =
          good.substring(0, at) + (good.charAt(at) == 'A' ? 'B' : 'A') + good.substring(at + 1);
      assertThatThrownBy(() -> tokens.verify(changed))
          .as("character %d", at)
          .isInstanceOf(InvalidTokenException.class);
    }
  }

  @Test
  void badTokensCanBeSentAsHeaders() {
    assertThat(BadTokens.authorizations(mint, now, trap.url()))
        .hasSizeGreaterThan(120)
        .allSatisfy((name, value) -> assertThat(value).matches("[!-~]([ -~]*[!-~])?"));
  }

  @Test
  void noTokenAtAllIsRefused() {
    assertThatThrownBy(() -> tokens.verify(null)).isInstanceOf(InvalidTokenException.class);
  }

  @Test
  void aGoodTokenSaysWhoItIs() throws Exception {
    TokenClaims claims = tokens.verify(mint.token(mint.claims(now)));
    assertThat(claims.user()).isEqualTo("kari");
    assertThat(claims.roles()).containsExactlyInAnyOrder("dispatcher", "leader");
    assertThat(claims.attributes()).isEmpty();
    assertThat(claims.expiresAt()).isEqualTo(now.plusSeconds(300).plus(SKEW));
  }

  @Test
  void aTokenOfEs256IsGood() throws Exception {
    String token = TokenMint.sign(mint.ecHeader().build(), payload(Map.of()), mint.ec());
    assertThat(tokens.verify(token).user()).isEqualTo("kari");
  }

  @Test
  void aTokenWithoutAKeyIdIsTriedWithEachKey() throws Exception {
    String token =
        TokenMint.sign(mint.rsaHeader().keyID(null).build(), payload(Map.of()), mint.rsa());
    assertThat(tokens.verify(token).user()).isEqualTo("kari");
  }

  @ParameterizedTest
  @ValueSource(strings = {"JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"})
  void theTypesOfAccessTokensAreGood(String type) throws Exception {
    String token = TokenMint.sign(
        mint.rsaHeader().type(new JOSEObjectType(type)).build(), payload(Map.of()), mint.rsa());
    assertThat(tokens.verify(token).user()).isEqualTo("kari");
  }

  @Test
  void aTokenIsGoodUntilItsExpiryAndTheSkewAreOver() throws Exception {
    String token = mint.token(payload(Map.of("exp", now.getEpochSecond())));
    clock.set(now.plus(SKEW).minusMillis(1));
    assertThat(tokens.verify(token).expiresAt()).isEqualTo(now.plus(SKEW));
    clock.set(now.plus(SKEW));
    assertThatThrownBy(() -> tokens.verify(token)).hasMessage("expired");
    clock.set(now);
  }

  @Test
  void aTokenIsGoodFromTheSkewBeforeItBegins() throws Exception {
    String token = mint.token(payload(Map.of("nbf", now.getEpochSecond())));
    clock.set(now.minus(SKEW));
    assertThat(tokens.verify(token).user()).isEqualTo("kari");
    clock.set(now.minus(SKEW).minusMillis(1));
    assertThatThrownBy(() -> tokens.verify(token)).hasMessage("not_yet_valid");
    clock.set(now);
  }

  @Test
  void theSkewIsCountedInMilliseconds() throws Exception {
    Tokens exact = tokens(Map.of("samband.auth.jwt.clock-skew-millis", "1500"));
    String token = mint.token(payload(Map.of("exp", now.getEpochSecond() + 0.25)));
    assertThat(exact.verify(token).expiresAt()).isEqualTo(now.plusMillis(1_750));
  }

  @Test
  void anAudienceMayBeOneOfSeveral() throws Exception {
    String token = mint.token(payload(Map.of("aud", List.of("another", "samband"))));
    assertThat(tokens.verify(token).user()).isEqualTo("kari");
  }

  @Test
  void theTypeOfAnAccessTokenOfKeycloakOrCognitoIsGood() throws Exception {
    String token = mint.token(payload(Map.of("typ", "Bearer", "token_use", "access")));
    assertThat(tokens.verify(token).user()).isEqualTo("kari");
  }

  @Test
  void aHeaderThatNamesTheRightKeyInFurtherWaysChangesNothing() throws Exception {
    String token = TokenMint.sign(
        mint.rsaHeader().jwk(mint.rsa().toPublicJWK()).jwkURL(trap.url()).build(),
        payload(Map.of()),
        mint.rsa());
    assertThat(tokens.verify(token).user()).isEqualTo("kari");
    assertThat(trap.fetches()).isZero();
  }

  @Test
  void userAndRolesMayStandInOtherClaims() throws Exception {
    Tokens keycloak = tokens(Map.of(
        "samband.auth.jwt.user-claim", "preferred_username",
        "samband.auth.jwt.roles-claim", "realm_access.roles"));
    TokenClaims claims = keycloak.verify(mint.token(payload(Map.of(
        "preferred_username",
        "Kåre Ødegård",
        "realm_access",
        Map.of("roles", List.of("leader"))))));
    assertThat(claims.user()).isEqualTo("Kåre Ødegård");
    assertThat(claims.roles()).containsExactly("leader");
  }

  @Test
  void rolesAreAStringOrAnArrayAndAnythingElseIsNoRole() throws Exception {
    assertThat(roles("leader")).containsExactly("leader");
    assertThat(roles("Domain Users")).containsExactly("Domain Users");
    assertThat(roles(List.of("leader", 1, List.of("admin"), "", "bad\nrole", "leader")))
        .containsExactly("leader");
    assertThat(roles(Map.of("admin", true))).isEmpty();
    assertThat(roles(true)).isEmpty();
  }

  @Test
  void attributesAreMadeOfClaimsAndValuesThatNoEventCanNameAreLeftOut() throws Exception {
    Tokens stations = tokens(
        Map.of("samband.auth.jwt.attribute-claims", "stations=station, org.county = county"));
    TokenClaims claims = stations.verify(mint.token(payload(Map.of(
        "stations",
        List.of(
            "B12",
            "A 1",
            "A,1",
            "A\u00a01",
            "A\u200b1",
            "A\n1",
            "A\u202e1",
            "",
            "x".repeat(121),
            7),
        "org",
        Map.of("county", "Østfold")))));
    assertThat(claims.attributes()).containsExactlyInAnyOrder("station:B12", "county:Østfold");
    claims = stations.verify(mint.token(payload(Map.of("stations", "x".repeat(120)))));
    assertThat(claims.attributes()).containsExactly("station:" + "x".repeat(120));
  }

  @Test
  void aTokenOfExactlyEightKibibytesIsGood() throws Exception {
    // 3 bytes of payload are 4 characters, so that not every length is possible.
    String token = mint.token(payload(Map.of("padding", "")));
    for (int padding = (8_192 - token.length()) * 3 / 4 - 6; token.length() < 8_189; padding++) {
      token = mint.token(payload(Map.of("padding", "x".repeat(padding))));
    }
    assertThat(token).hasSizeBetween(8_189, 8_192);
    assertThat(tokens.verify(token).user()).isEqualTo("kari");
  }

  private Iterable<String> roles(Object value) throws Exception {
    return tokens.verify(mint.token(payload(Map.of("groups", value)))).roles();
  }

  private String payload(Map<String, Object> changes) {
    Map<String, Object> claims = mint.claims(now);
    claims.putAll(changes);
    return JSONObjectUtils.toJSONString(claims);
  }

  private Tokens tokens(Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("samband.auth.jwt.issuer", mint.issuer());
    settings.put("samband.auth.jwt.audience", mint.audience());
    settings.put("samband.auth.jwt.keys", "https://issuer.example/keys");
    JWKSet keys = new JWKSet(List.of(mint.rsa(), mint.ec())).toPublicJWKSet();
    return new Tokens(
        TokenSettings.of(Settings.of(settings)),
        new KeySource(new ImmutableJWKSet<>(keys), () -> {}),
        clock);
  }
}
