package io.samband.testing;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.OAuth2Config;
import no.nav.security.mock.oauth2.http.MockWebServerWrapper;
import no.nav.security.mock.oauth2.http.Ssl;
import no.nav.security.mock.oauth2.http.SslKeystore;
import no.nav.security.mock.oauth2.token.OAuth2TokenProvider;

/**
 * An OpenID Connect issuer in this process, over https with the certificate of {@link LoopbackCertificate}. What it does is
 * mock-oauth2-server's, so that its tokens are not made to our measure.
 */
public final class Issuer implements AutoCloseable {
  public static final String AUDIENCE = "samband";

  private static final String ID = "default";

  private final MockOAuth2Server server = new MockOAuth2Server(new OAuth2Config(
      false,
      null,
      null,
      false,
      new OAuth2TokenProvider(),
      Set.of(),
      new MockWebServerWrapper(new Ssl(new SslKeystore(
          LoopbackCertificate.PASSWORD,
          LoopbackCertificate.store().toFile(),
          SslKeystore.KeyStoreType.PKCS12,
          LoopbackCertificate.PASSWORD)))));

  private Issuer() {
    server.start();
  }

  public static Issuer start() {
    return new Issuer();
  }

  /** The value of {@code iss}, and the base of its discovery document. */
  public String name() {
    return server.issuerUrl(ID).toString();
  }

  /** Where its JWKS is. */
  public URI keys() {
    return server.jwksUrl(ID).uri();
  }

  /** An access token for {@link #AUDIENCE}. */
  public String token(String user, Duration life, String... roles) {
    return token(user, life, Map.of("groups", List.of(roles)));
  }

  /** An access token for {@link #AUDIENCE} with further claims. */
  public String token(String user, Duration life, Map<String, Object> claims) {
    return server.issueToken(ID, user, AUDIENCE, claims, life.toSeconds()).serialize();
  }

  /** The settings of a deployment that accepts its tokens. */
  public Map<String, String> settings() {
    return Map.of(
        "samband.auth.jwt.issuer", name(),
        "samband.auth.jwt.audience", AUDIENCE,
        "samband.auth.jwt.keys", keys().toString());
  }

  @Override
  public void close() {
    server.shutdown();
  }
}
