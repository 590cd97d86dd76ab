package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Http;
import io.samband.testing.Keycloak;
import io.samband.testing.LiveServer;
import io.samband.testing.LoopbackCertificate;
import io.samband.testing.RawStream;
import io.samband.testing.Rounds;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The recipe of docs/security.md with a real Keycloak. */
class KeycloakIT {
  private static final String EVENT = "{\"type\":\"flash_message\",\"data\":{}}";

  @Test
  void aDispatcherSignsInIsPromotedSignsOutAndKeysAreChangedMeanwhile() {
    Rounds.onlyInASoak();
    try (Keycloak keycloak = new Keycloak();
        LiveServer server = LiveServer.start(settings(keycloak))) {
      Http http = server.http();
      Keycloak.Tokens tokens = keycloak.signIn();

      assertThat(poll(http, tokens.access())).isEqualTo(200);
      assertThat(poll(http, tokens.id())).isEqualTo(401);
      assertThat(poll(http, tokens.refresh())).isEqualTo(401);
      assertThat(publish(http, tokens.access())).isEqualTo(403);
      String before = rights(server, tokens.access());

      keycloak.addRole("leader");
      Keycloak.Tokens promoted = keycloak.refresh(tokens);

      assertThat(publish(http, promoted.access())).isEqualTo(202);
      assertThat(rights(server, promoted.access())).isNotEqualTo(before);

      keycloak.rotateKeys();
      Keycloak.Tokens rotated = keycloak.refresh(promoted);

      assertThat(header(rotated.access()).getString("kid"))
          .isNotEqualTo(header(promoted.access()).getString("kid"));
      assertThat(poll(http, rotated.access())).isEqualTo(200);
      assertThat(poll(http, promoted.access())).isEqualTo(200);

      try (RawStream stream =
          server.stream("api/sse", "Authorization", "Bearer " + rotated.access())) {
        stream.next(frame -> frame.is("hello"));
        assertThat(keycloak.signOut(rotated)).isTrue();
        // Nobody can take a token back: the stream ends with it, a minute later at most.
        while (stream.end() == null) {
          stream.next(frame -> frame.is("keepalive") || frame.is("drain"));
          if (stream.text().contains("\"expired\"")) {
            break;
          }
        }
        assertThat(stream.awaitEnd()).isEqualTo(RawStream.End.CLEAN);
      }
      assertThat(server.log())
          .doesNotContain(rotated.access())
          .contains("\"event\":\"stream_ended\"");
    }
  }

  private static Map<String, String> settings(Keycloak keycloak) {
    Map<String, String> settings = new HashMap<>(Map.of(
        "samband.auth.mode", "required",
        "samband.auth.jwt.issuer", keycloak.issuer(),
        "samband.auth.jwt.audience", "samband",
        "samband.auth.jwt.keys", keycloak.keys(),
        "samband.auth.jwt.roles-claim", "realm_access.roles",
        "samband.auth.jwt.user-claim", "preferred_username",
        "samband.auth.jwt.clock-skew-millis", "0",
        "samband.auth.publish", "leader:*",
        "samband.stream.keepalive-millis", "2000",
        "samband.http.hosts", "127.0.0.1"));
    for (String option : LoopbackCertificate.jvmOptions()) {
      String[] pair = option.substring("-D".length()).split("=", 2);
      settings.put(pair[0], pair[1]);
    }
    return settings;
  }

  private static int poll(Http http, String token) {
    return http.get("api/sse/poll", "Authorization", "Bearer " + token).status();
  }

  private static int publish(Http http, String token) {
    return http.post("api/sse/events", EVENT, "Authorization", "Bearer " + token)
        .status();
  }

  private static String rights(LiveServer server, String token) {
    try (RawStream stream = server.stream("api/sse", "Authorization", "Bearer " + token)) {
      JsonObject auth = json(stream.next(frame -> frame.is("hello")).data()).getJsonObject("auth");
      assertThat(auth.getString("name")).isEqualTo("kari");
      return auth.getString("rights");
    }
  }

  private static JsonObject header(String token) {
    return json(new String(
        java.util.Base64.getUrlDecoder().decode(token.split("\\.", 2)[0]),
        java.nio.charset.StandardCharsets.UTF_8));
  }

  private static JsonObject json(String text) {
    return Json.createReader(new StringReader(text)).readObject();
  }
}
