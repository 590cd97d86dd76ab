package io.samband.testing;

import com.nimbusds.jose.jwk.JWKSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A server in the mode {@code required} that trusts the tokens of a mint, and has rules for a control room. */
public final class SecuredServer implements AutoCloseable {
  private static final Duration LIFE = Duration.ofMinutes(30);

  private final TokenMint mint = new TokenMint("https://issuer.example/desk", "samband");
  private final LiveServer server;

  /**
   * Starts it.
   *
   * @param more settings
   */
  public SecuredServer(Map<String, String> more) {
    this(more, Map.of());
  }

  /**
   * Starts it.
   *
   * @param more settings
   * @param environment variables beside those of this process
   */
  public SecuredServer(Map<String, String> more, Map<String, String> environment) {
    Map<String, String> settings = new HashMap<>(Map.of(
        "samband.auth.mode", "required",
        "samband.auth.jwt.issuer", mint.issuer(),
        "samband.auth.jwt.audience", mint.audience(),
        "samband.auth.jwt.keys", keys().toString(),
        "samband.auth.jwt.attribute-claims", "stations=station",
        "samband.auth.subscribe",
            "dispatcher:*; leader:*; wall_screen:flash_message,bilstatus_update",
        "samband.auth.publish", "leader:flash_message,flash_acknowledged; cad:*",
        "samband.auth.admin", "operator",
        "samband.http.hosts", "127.0.0.1, desk.example",
        "samband.http.allowed-origins", "https://friend.example"));
    settings.put("samband.stream.keepalive-millis", "2000");
    settings.putAll(more);
    server = LiveServer.start(settings, environment);
  }

  private Path keys() {
    try {
      Path file = Files.createTempFile(Path.of("target"), "jwks", ".json").toAbsolutePath();
      return Files.writeString(file, new JWKSet(mint.rsa().toPublicJWK()).toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public TokenMint mint() {
    return mint;
  }

  public LiveServer server() {
    return server;
  }

  public Http http() {
    return server.http();
  }

  /** A header's value for somebody with these roles. */
  public String bearer(String user, String... roles) {
    return "Bearer " + mint.token(user, LIFE, roles);
  }

  public String token(String user, String... roles) {
    return mint.token(user, LIFE, roles);
  }

  /** An administrator's. */
  public String operator() {
    return bearer("ola", "operator");
  }

  /** A publisher's, of every type. */
  public String publisher() {
    return bearer("cad-1", "cad");
  }

  /** Publishes an event and says its id. */
  public String publish(String json) {
    return http()
        .post("api/sse/events", json, "Authorization", publisher())
        .json()
        .asJsonObject()
        .getString("id");
  }

  @Override
  public void close() {
    server.close();
  }
}
