package io.samband.testing;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonStructure;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A real Keycloak in a process of its own, with a realm {@code desk}: a client, two roles, and the user kari. */
public final class Keycloak implements AutoCloseable {
  private static final Path HOME = Path.of(
          System.getProperty("samband.it.keycloak", "target/servers/keycloak-26.0.0"))
      .toAbsolutePath();
  private static final Duration START = Duration.ofMinutes(3);
  private static final String PASSWORD = "pw";

  private final HttpClient http =
      HttpClient.newBuilder().sslContext(LoopbackCertificate.tls()).build();
  private final int port = Ports.free();
  private final Process process;

  /** What a sign-in gives. */
  public record Tokens(String access, String refresh, String id) {}

  private record Answer(int status, String body) {
    JsonObject json() {
      return Json.createReader(new StringReader(body)).readObject();
    }
  }

  /** Starts it and makes the realm. */
  public Keycloak() {
    ProcessBuilder builder = new ProcessBuilder(
        HOME.resolve("bin/kc.sh").toString(),
        "start-dev",
        "--db=dev-mem",
        "--http-enabled=false",
        "--https-port=" + port,
        "--https-key-store-file=" + LoopbackCertificate.store(),
        "--https-key-store-password=" + LoopbackCertificate.PASSWORD);
    builder.environment().put("KC_BOOTSTRAP_ADMIN_USERNAME", "admin");
    builder.environment().put("KC_BOOTSTRAP_ADMIN_PASSWORD", PASSWORD);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    try {
      process = builder
          .redirectErrorStream(true)
          .redirectOutput(Path.of("target/keycloak.log").toFile())
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
    awaitStart();
    expect(201, admin("POST", "", realm()));
  }

  private void awaitStart() {
    long deadline = System.nanoTime() + START.toNanos();
    while (true) {
      try {
        if (send("GET", "/realms/master", null, null, null).status() == 200) {
          return;
        }
      } catch (UncheckedIOException notYet) {
        // Its port is not open yet.
      }
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException("Keycloak did not start; see target/keycloak.log");
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(500);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static JsonObject realm() {
    JsonObjectBuilder audience = Json.createObjectBuilder()
        .add("name", "audience")
        .add("protocol", "openid-connect")
        .add("protocolMapper", "oidc-audience-mapper")
        .add(
            "config",
            Json.createObjectBuilder(
                Map.of("included.custom.audience", "samband", "access.token.claim", "true")));
    JsonObjectBuilder client = Json.createObjectBuilder()
        .add("clientId", "desk-page")
        .add("publicClient", true)
        .add("directAccessGrantsEnabled", true)
        .add("protocolMappers", Json.createArrayBuilder().add(audience));
    JsonObjectBuilder kari = Json.createObjectBuilder()
        .add("username", "kari")
        .add("firstName", "Kari")
        .add("lastName", "Nordmann")
        .add("email", "kari@desk.example")
        .add("emailVerified", true)
        .add("enabled", true)
        .add("realmRoles", Json.createArrayBuilder(List.of("dispatcher")))
        .add(
            "credentials",
            Json.createArrayBuilder()
                .add(Json.createObjectBuilder().add("type", "password").add("value", PASSWORD)));
    return Json.createObjectBuilder()
        .add("realm", "desk")
        .add("enabled", true)
        .add("accessTokenLifespan", 60)
        .add(
            "roles",
            Json.createObjectBuilder()
                .add(
                    "realm",
                    Json.createArrayBuilder()
                        .add(Json.createObjectBuilder().add("name", "dispatcher"))
                        .add(Json.createObjectBuilder().add("name", "leader"))))
        .add("clients", Json.createArrayBuilder().add(client))
        .add("users", Json.createArrayBuilder().add(kari))
        .build();
  }

  public String issuer() {
    return "https://localhost:" + port + "/realms/desk";
  }

  public String keys() {
    return issuer() + "/protocol/openid-connect/certs";
  }

  /** Signs kari in. */
  public Tokens signIn() {
    return tokens(Map.of(
        "grant_type", "password",
        "client_id", "desk-page",
        "username", "kari",
        "password", PASSWORD,
        "scope", "openid"));
  }

  /** New tokens for the same session. */
  public Tokens refresh(Tokens tokens) {
    return tokens(Map.of(
        "grant_type", "refresh_token",
        "client_id", "desk-page",
        "scope", "openid",
        "refresh_token", tokens.refresh()));
  }

  private Tokens tokens(Map<String, String> form) {
    JsonObject json = expect(200, form("desk", "token", form)).json();
    return new Tokens(
        json.getString("access_token"),
        json.getString("refresh_token"),
        json.getString("id_token"));
  }

  /** Ends the session; true if its refresh token is worth nothing afterwards. */
  public boolean signOut(Tokens tokens) {
    expect(
        204,
        form(
            "desk", "logout", Map.of("client_id", "desk-page", "refresh_token", tokens.refresh())));
    return form(
                "desk",
                "token",
                Map.of(
                    "grant_type", "refresh_token",
                    "client_id", "desk-page",
                    "refresh_token", tokens.refresh()))
            .status()
        == 400;
  }

  /** Gives kari another role. */
  public void addRole(String role) {
    String user = Json.createReader(new StringReader(
            expect(200, admin("GET", "/desk/users?username=kari", null)).body()))
        .readArray()
        .getJsonObject(0)
        .getString("id");
    JsonObject known = expect(200, admin("GET", "/desk/roles/" + role, null)).json();
    expect(
        204,
        admin(
            "POST",
            "/desk/users/" + user + "/role-mappings/realm",
            Json.createArrayBuilder().add(known).build()));
  }

  /** From now on tokens are signed with a new key. */
  public void rotateKeys() {
    String realm = expect(200, admin("GET", "/desk", null)).json().getString("id");
    JsonObjectBuilder config = Json.createObjectBuilder();
    Map.of("priority", "500", "keySize", "2048", "algorithm", "RS256")
        .forEach((name, value) -> config.add(name, Json.createArrayBuilder(List.of(value))));
    JsonObject provider = Json.createObjectBuilder()
        .add("name", "rotated")
        .add("providerId", "rsa-generated")
        .add("providerType", "org.keycloak.keys.KeyProvider")
        .add("parentId", realm)
        .add("config", config)
        .build();
    expect(201, admin("POST", "/desk/components", provider));
  }

  private Answer admin(String method, String path, JsonStructure body) {
    String token = expect(
            200,
            form(
                "master",
                "token",
                Map.of(
                    "grant_type", "password",
                    "client_id", "admin-cli",
                    "username", "admin",
                    "password", PASSWORD)))
        .json()
        .getString("access_token");
    return send(
        method,
        "/admin/realms" + path,
        "application/json",
        body == null ? null : ((JsonValue) body).toString(),
        token);
  }

  private Answer form(String realm, String call, Map<String, String> form) {
    List<String> pairs = new ArrayList<>();
    form.forEach(
        (name, value) -> pairs.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)));
    return send(
        "POST",
        "/realms/" + realm + "/protocol/openid-connect/" + call,
        "application/x-www-form-urlencoded",
        String.join("&", pairs),
        null);
  }

  private Answer send(String method, String path, String type, String body, String token) {
    HttpRequest.Builder request = HttpRequest.newBuilder(
            URI.create("https://localhost:" + port + path))
        .timeout(Duration.ofSeconds(30))
        .method(
            method,
            body == null
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body));
    if (type != null) {
      request.header("Content-Type", type);
    }
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    try {
      HttpResponse<String> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Answer expect(int status, Answer answer) {
    if (answer.status() != status) {
      throw new IllegalStateException("Keycloak said " + answer);
    }
    return answer;
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
