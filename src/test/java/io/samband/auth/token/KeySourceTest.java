package io.samband.auth.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.RSAKey;
import io.samband.settings.Settings;
import io.samband.testing.HttpsKeys;
import io.samband.testing.Issuer;
import io.samband.testing.LoopbackCertificate;
import io.samband.testing.TokenMint;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeySourceTest {
  private static final TokenMint MINT = new TokenMint("https://issuer.example", "samband");
  private static final TokenMint OTHER = new TokenMint("https://issuer.example", "samband");

  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private final MovableClock clock = new MovableClock();
  private final HttpsKeys server =
      HttpsKeys.of(MINT.rsa().toPublicJWK(), MINT.ec().toPublicJWK());
  private Tokens tokens;

  @AfterEach
  void close() {
    if (tokens != null) {
      tokens.close();
    }
    server.close();
  }

  @Test
  void keysAreFetchedOnceForManyTokens() throws Exception {
    tokens = open();
    for (int token = 0; token < 100; token++) {
      assertGood(MINT);
    }
    assertThat(server.fetches()).isEqualTo(1);
  }

  @Test
  void aDeploymentStartsWhileItsIssuerIsDownAndRecoversByItself() throws Exception {
    server.goesDown();
    tokens = open();
    assertThatThrownBy(() -> verify(MINT)).isInstanceOf(KeysUnavailableException.class);
    server.comesUp();
    clock.advance(RemoteKeys.MIN_INTERVAL);
    assertGood(MINT);
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpsKeys.Answer.class,
      names = {"ERROR_500", "REDIRECT", "HTML", "TOO_LARGE"})
  void anAnswerWithoutKeysIsNoAnswer(HttpsKeys.Answer answer) throws Exception {
    server.answers(answer);
    tokens = open();
    assertThatThrownBy(() -> verify(MINT)).isInstanceOf(KeysUnavailableException.class);
    assertThat(server.redirected()).isZero();
    server.answers(HttpsKeys.Answer.KEYS);
    clock.advance(RemoteKeys.MIN_INTERVAL);
    assertGood(MINT);
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpsKeys.Answer.class,
      names = {"ERROR_500", "REDIRECT", "HTML", "TOO_LARGE"})
  void keysThatAreKnownSurviveAnyBadAnswer(HttpsKeys.Answer answer) throws Exception {
    tokens = open();
    assertGood(MINT);
    server.answers(answer);
    clock.advance(Duration.ofHours(1));
    assertGood(MINT);
    assertThat(server.redirected()).isZero();
  }

  @Test
  void keysThatAreKnownSurviveAnOutageOfADay() throws Exception {
    tokens = open();
    assertGood(MINT);
    server.goesDown();
    for (int hour = 0; hour < 24; hour++) {
      clock.advance(Duration.ofHours(1));
      assertGood(MINT);
      assertThatThrownBy(() -> verify(with("unknown"))).hasMessage("unknown_key");
    }
    server.publishes(OTHER.rsa().toPublicJWK());
    server.comesUp();
    clock.advance(Duration.ofHours(1));
    assertThatThrownBy(() -> verify(MINT)).hasMessage("signature");
  }

  @Test
  void aSlowAnswerIsWaitedFor() throws Exception {
    server.answers(HttpsKeys.Answer.SLOW_KEYS);
    tokens = open();
    assertGood(MINT);
  }

  @Test
  void anAnswerThatTakesTooLongIsGivenUp() throws Exception {
    server.answers(HttpsKeys.Answer.SLOW_KEYS);
    tokens = open(Duration.ofMillis(200), Duration.ofMillis(200));
    assertThatThrownBy(() -> verify(MINT)).isInstanceOf(KeysUnavailableException.class);
  }

  @Test
  void nobodyWithAKnownKeyWaitsForASlowIssuer() throws Exception {
    tokens = open();
    assertGood(MINT);
    server.answers(HttpsKeys.Answer.SLOW_KEYS);
    ExecutorService others = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Object>> unknown = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        unknown.add(() -> {
          assertThatThrownBy(() -> verify(with(UUID.randomUUID().toString())))
              .hasMessage("unknown_key");
          return null;
        });
      }
      List<Future<Object>> running = unknown.stream().map(others::submit).toList();
      long start = System.nanoTime();
      assertGood(MINT);
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isLessThan(Duration.ofMillis(HttpsKeys.SLOW_MILLIS / 2));
      for (Future<Object> one : running) {
        one.get();
      }
    } finally {
      others.shutdownNow();
    }
  }

  @Test
  void keysAreRotatedWithoutRefusingAnybody() throws Exception {
    RSAKey next = new RSAKey.Builder(OTHER.rsa()).keyID("rsa-2").build();
    String newToken = TokenMint.sign(
        OTHER.rsaHeader().keyID("rsa-2").build(), MINT.payload(clock.instant()), next);
    tokens = open();
    assertGood(MINT);
    server.publishes(MINT.rsa().toPublicJWK(), next.toPublicJWK());
    assertThat(tokens.verify(newToken).user()).isEqualTo("kari");
    assertGood(MINT);
    assertThat(server.fetches()).isEqualTo(2);
    server.publishes(next.toPublicJWK());
    clock.advance(Duration.ofMinutes(4));
    assertThat(tokens.verify(newToken).user()).isEqualTo("kari");
  }

  @Test
  void aKeyThatTheIssuerWithdrewIsForgotten() throws Exception {
    tokens = open();
    assertGood(MINT);
    server.publishes(OTHER.ec().toPublicJWK());
    clock.advance(Duration.ofMinutes(5));
    assertThatThrownBy(() -> verify(MINT)).isInstanceOf(InvalidTokenException.class);
  }

  @Test
  void aThousandInventedKeyIdsCauseFewFetches() throws Exception {
    tokens = open();
    assertGood(MINT);
    for (int token = 0; token < 1_000; token++) {
      String id = UUID.randomUUID().toString();
      assertThatThrownBy(() -> verify(with(id))).hasMessage("unknown_key");
    }
    assertGood(MINT);
    assertThat(server.fetches()).isLessThanOrEqualTo(3);
  }

  @Test
  void theSameKeyIdOfAnotherIssuerIsRefused() throws Exception {
    tokens = open();
    assertGood(MINT);
    assertThatThrownBy(() -> verify(OTHER)).hasMessage("signature");
  }

  @Test
  void anIssuerWhoseCertificateNobodyTrustsIsNotAsked() throws Exception {
    tokens = new Tokens(settings(server.url()));
    assertThatThrownBy(() -> verify(MINT)).isInstanceOf(KeysUnavailableException.class);
    assertThat(server.fetches()).isZero();
  }

  @Test
  void aFailureIsLoggedOnceAndWithoutTheQueryOfTheUrl() throws Exception {
    server.answers(HttpsKeys.Answer.ERROR_500);
    tokens =
        open(URI.create(server.url() + "?code=hush"), Duration.ofSeconds(5), Duration.ofSeconds(5));
    for (int attempt = 0; attempt < 10; attempt++) {
      assertThatThrownBy(() -> verify(MINT)).isInstanceOf(KeysUnavailableException.class);
      clock.advance(RemoteKeys.MIN_INTERVAL);
    }
    assertThat(server.fetches()).isGreaterThan(5);
    assertThat(warnings)
        .containsExactly(
            "[SSE] token keys could not be fetched url=" + server.url() + " reason=HTTP 500");
  }

  @Test
  void tokensOfARealIssuerAreGood() throws Exception {
    try (Issuer issuer = Issuer.start()) {
      Map<String, String> map = issuer.settings();
      tokens =
          open(URI.create(map.get("samband.auth.jwt.keys")), Settings.of(map), Clock.systemUTC());
      TokenClaims claims = tokens.verify(issuer.token("kari", Duration.ofMinutes(5), "leader"));
      assertThat(claims.user()).isEqualTo("kari");
      assertThat(claims.roles()).containsExactly("leader");
      assertThatThrownBy(() -> tokens.verify(issuer.token("kari", Duration.ofMinutes(-5))))
          .hasMessage("expired");
    }
  }

  private void assertGood(TokenMint mint) throws Exception {
    assertThat(verify(mint).user()).isEqualTo("kari");
  }

  private TokenClaims verify(TokenMint mint) throws Exception {
    return verify(mint.token(mint.claims(clock.instant())));
  }

  private TokenClaims verify(String token) throws Exception {
    return tokens.verify(token);
  }

  private String with(String keyId) {
    return TokenMint.sign(
        OTHER.rsaHeader().keyID(keyId).build(), MINT.payload(clock.instant()), OTHER.rsa());
  }

  private Tokens open() throws IOException {
    return open(Duration.ofSeconds(5), Duration.ofSeconds(5));
  }

  private Tokens open(Duration readTimeout, Duration wait) throws IOException {
    return open(server.url(), readTimeout, wait);
  }

  private Tokens open(URI url, Duration readTimeout, Duration wait) throws IOException {
    return open(url, settings(url), readTimeout, wait, clock);
  }

  private Tokens open(URI url, Settings settings, Clock clock) throws IOException {
    return open(url, settings, Duration.ofSeconds(5), Duration.ofSeconds(5), clock);
  }

  private Tokens open(URI url, Settings settings, Duration readTimeout, Duration wait, Clock clock)
      throws IOException {
    KeyFetch fetch = new KeyFetch(
        url.toURL(),
        Duration.ofSeconds(2),
        readTimeout,
        LoopbackCertificate.tls().getSocketFactory(),
        warnings::add);
    RemoteKeys remote = new RemoteKeys(fetch, wait, clock);
    return new Tokens(
        TokenSettings.of(settings), new KeySource(remote.keys(), remote::close), clock);
  }

  private static Settings settings(URI url) {
    Map<String, String> settings = new HashMap<>();
    settings.put("samband.auth.jwt.issuer", MINT.issuer());
    settings.put("samband.auth.jwt.audience", MINT.audience());
    settings.put("samband.auth.jwt.keys", url.toString());
    return Settings.of(settings);
  }
}
