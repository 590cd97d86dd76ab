package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.testing.BadTokens;
import io.samband.testing.Http;
import io.samband.testing.RawRequest;
import io.samband.testing.SecuredServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in in the mode {@code required}, by tokens; with the same answers on every server. */
@Tag("core")
class GuardIT {
  private static final String EVENT = "{\"type\":\"flash_message\",\"data\":{}}";
  private static final String HOST = "Host: 127.0.0.1";
  private static final String COOKIE = "__Host-samband";

  private static SecuredServer secured;
  private static Http http;
  private static URI base;

  @BeforeAll
  static void start() {
    secured = new SecuredServer(Map.of());
    http = secured.http();
    base = secured.server().base();
  }

  @AfterAll
  static void stop() {
    secured.close();
  }

  private static String newest() {
    return http.get("api/sse/poll", "Authorization", secured.bearer("ola", "dispatcher"))
        .json()
        .asJsonObject()
        .getString("lastEventId");
  }

  private static int openStreams() {
    return http.get("api/sse/connections", "Authorization", secured.operator())
        .json()
        .asJsonArray()
        .size();
  }

  private static void assertProblem(RawRequest.Answer answer, int status) {
    assertThat(answer.status()).as(answer.head()).isEqualTo(status);
    assertThat(answer.header("Content-Type").get(0)).startsWith("application/problem+json");
    assertThat(answer.header("X-Content-Type-Options")).containsExactly("nosniff");
    assertThat(answer.header("Cache-Control")).containsExactly("no-store");
    assertThat(answer.header("Location")).isEmpty();
    assertThat(answer.header("Set-Cookie")).isEmpty();
    assertThat(answer.body()).contains("\"status\":" + status).doesNotContain("at io.samband");
    if (status == 401) {
      assertThat(answer.header("WWW-Authenticate")).hasSize(1);
      assertThat(answer.header("WWW-Authenticate").get(0)).startsWith("Bearer");
    }
  }

  @Test
  void noBadTokenOpensAStreamOrAnythingElse() throws IOException {
    String before = newest();
    AtomicInteger caught = new AtomicInteger();
    try (ServerSocket trap = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread counting = new Thread(() -> countConnections(trap, caught));
      counting.setDaemon(true);
      counting.start();
      URI trapUrl = URI.create("http://127.0.0.1:" + trap.getLocalPort() + "/jwks");
      Map<String, String> bad = BadTokens.authorizations(secured.mint(), Instant.now(), trapUrl);
      assertThat(bad).hasSizeGreaterThan(40);
      // White space around a value is no part of it (RFC 9110, section 5.5), so these tokens are
      // good.
      bad.keySet().remove("a space before");
      bad.forEach((name, authorization) -> {
        for (String path : List.of("/api/sse", "/api/sse/poll")) {
          RawRequest.Answer answer = RawRequest.send(
              base, "GET " + path + " HTTP/1.1", HOST, "Authorization: " + authorization);
          // A header that is larger than the server takes gets its own answer.
          if (authorization.length() < 8_000) {
            assertThat(answer).as(name).isNotEqualTo(RawRequest.CUT);
          }
          assertThat(answer.status()).as(name).isIn(0, 400, 401, 431);
          if (answer.status() == 401) {
            assertProblem(answer, 401);
          }
          assertThat(answer.body()).as(name).doesNotContain("epoch");
        }
        RawRequest.Answer published = RawRequest.sendBody(
            base,
            EVENT,
            "POST /api/sse/events HTTP/1.1",
            HOST,
            "Content-Type: application/json",
            "Authorization: " + authorization);
        assertThat(published.status()).as(name).isIn(0, 400, 401, 431);
      });
      assertThat(caught).hasValue(0);
    }
    assertThat(openStreams()).isZero();
    assertThat(newest()).isEqualTo(before);
  }

  private static void countConnections(ServerSocket trap, AtomicInteger caught) {
    try {
      while (true) {
        try (Socket caller = trap.accept()) {
          assertThat(caller.isConnected()).isTrue();
          caught.incrementAndGet();
        }
      }
    } catch (IOException closed) {
      return;
    }
  }

  static Stream<Arguments> requests() {
    String good = "Authorization: " + "Bearer GOOD";
    String cookie = "Cookie: a=b; " + COOKIE + "=GOOD; c=d";
    String post = "POST /api/sse/events HTTP/1.1";
    String json = "Content-Type: application/json";
    return Stream.of(
        // Identity
        Arguments.of(200, List.of("GET /api/sse/poll HTTP/1.1", HOST, good)),
        Arguments.of(
            200, List.of("GET /api/sse/poll HTTP/1.1", HOST, "authorization: bearer GOOD")),
        Arguments.of(200, List.of("GET /api/sse/poll HTTP/1.1", HOST, cookie)),
        Arguments.of(401, List.of("GET /api/sse/poll HTTP/1.1", HOST)),
        Arguments.of(401, List.of("GET /api/sse/poll?access_token=GOOD HTTP/1.1", HOST)),
        Arguments.of(401, List.of("GET /api/sse/poll HTTP/1.1", HOST, "Authorization: Bearer")),
        Arguments.of(401, List.of("GET /api/sse/poll HTTP/1.1", HOST, "Authorization: Bearer a b")),
        Arguments.of(
            401, List.of("GET /api/sse/poll HTTP/1.1", HOST, "Authorization: Basic a2FyaTprYXJp")),
        Arguments.of(
            401,
            List.of("GET /api/sse/poll HTTP/1.1", HOST, "Authorization: Bearer x.y.z", cookie)),
        Arguments.of(400, List.of("GET /api/sse/poll HTTP/1.1", HOST, good, good)),
        Arguments.of(
            400,
            List.of(
                "GET /api/sse/poll HTTP/1.1",
                HOST,
                "Cookie: " + COOKIE + "=GOOD; " + COOKIE + "=GOOD")),
        Arguments.of(400, List.of("GET /api/sse/poll HTTP/1.1", HOST, cookie, cookie)),
        Arguments.of(401, List.of("GET /api/sse/poll HTTP/1.1", HOST, "Cookie: " + COOKIE + "=")),
        Arguments.of(200, List.of("GET /api/openapi.json HTTP/1.1", HOST, good)),
        Arguments.of(401, List.of("GET /api/openapi.json HTTP/1.1", HOST)),
        Arguments.of(401, List.of("GET /api/asyncapi.json HTTP/1.1", HOST)),
        // Hosts
        Arguments.of(200, List.of("GET /api/sse/poll HTTP/1.1", "Host: DESK.example:8443", good)),
        Arguments.of(421, List.of("GET /api/sse/poll HTTP/1.1", "Host: evil.example", good)),
        Arguments.of(
            421,
            List.of(
                "GET /api/sse/poll HTTP/1.1",
                "Host: evil.example",
                "Origin: http://evil.example",
                good)),
        Arguments.of(421, List.of("GET / HTTP/1.1", "Host: evil.example")),
        Arguments.of(200, List.of("GET / HTTP/1.1", HOST)),
        Arguments.of(200, List.of("GET / HTTP/1.1", HOST, "Sec-Fetch-Site: cross-site")),
        Arguments.of(200, List.of("GET /api/health/ready HTTP/1.1", "Host: 10.0.0.1:8080")),
        // Origins
        Arguments.of(
            200, List.of("GET /api/sse/poll HTTP/1.1", HOST, "Origin: http://127.0.0.1", good)),
        Arguments.of(
            200,
            List.of(
                "GET /api/sse/poll HTTP/1.1",
                "Host: desk.example:443",
                "Origin: https://desk.example",
                good)),
        Arguments.of(
            200,
            List.of(
                "GET /api/sse/poll HTTP/1.1",
                HOST,
                "Origin: https://friend.example",
                "Sec-Fetch-Site: cross-site",
                good)),
        Arguments.of(403, List.of("GET /api/sse/poll HTTP/1.1", HOST, "Origin: null", good)),
        Arguments.of(
            403,
            List.of(
                "GET /api/sse/poll HTTP/1.1",
                "Host: desk.example",
                "Origin: https://evil-desk.example",
                good)),
        Arguments.of(
            403,
            List.of(
                "GET /api/sse/poll HTTP/1.1",
                "Host: desk.example",
                "Origin: https://desk.example.evil.example",
                good)),
        Arguments.of(
            403,
            List.of(
                "GET /api/sse/poll HTTP/1.1",
                "Host: desk.example",
                "Origin: https://desk.example:8443",
                good)),
        Arguments.of(
            403, List.of("GET /api/sse HTTP/1.1", HOST, "Sec-Fetch-Site: cross-site", good)),
        Arguments.of(
            403, List.of("GET /api/sse HTTP/1.1", HOST, "Sec-Fetch-Site: same-site", good)),
        Arguments.of(
            200, List.of("GET /api/sse/poll HTTP/1.1", HOST, "Sec-Fetch-Site: same-origin", good)),
        Arguments.of(
            200, List.of("GET /api/sse/poll HTTP/1.1", HOST, "Sec-Fetch-Site: none", good)),
        // Changes
        Arguments.of(202, List.of(post, HOST, json, good)),
        Arguments.of(403, List.of(post, HOST, json, cookie)),
        Arguments.of(202, List.of(post, HOST, json, cookie, "Origin: http://127.0.0.1")),
        Arguments.of(202, List.of(post, HOST, json, cookie, "Sec-Fetch-Site: same-origin")),
        Arguments.of(
            403,
            List.of(
                post, HOST, "Content-Type: text/plain", cookie, "Origin: https://evil.example")),
        Arguments.of(
            403,
            List.of(
                post,
                HOST,
                "Content-Type: application/x-www-form-urlencoded",
                cookie,
                "Sec-Fetch-Site: cross-site")),
        Arguments.of(415, List.of(post, HOST, "Content-Type: text/plain", good)));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void aRequestIsAnsweredAsTheTableSays(int status, List<String> lines) {
    String good = secured.token("lise", "cad", "dispatcher");
    String[] request =
        lines.stream().map(line -> line.replace("GOOD", good)).toArray(String[]::new);

    RawRequest.Answer answer = request[0].startsWith("POST")
        ? RawRequest.sendBody(base, EVENT, request)
        : RawRequest.send(base, request);

    assertThat(answer.status()).as(answer.head() + answer.body()).isEqualTo(status);
    if (status == 401 || status == 403 || status == 421) {
      assertProblem(answer, status);
    }
    assertThat(openStreams()).isZero();
    assertThat(secured.server().log()).doesNotContain(good);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /api/sse;x HTTP/1.1",
        "GET //api/sse HTTP/1.1",
        "GET /api//sse/poll HTTP/1.1",
        "GET /%61pi/sse/poll HTTP/1.1",
        "GET /api/%73se/poll HTTP/1.1",
        "GET /api%2fsse/poll HTTP/1.1",
        "GET /api/./sse/poll HTTP/1.1",
        "GET /x/../api/sse/poll HTTP/1.1",
        "GET /x/%2e%2e/api/sse/poll HTTP/1.1",
        "GET /api/health/../sse/poll HTTP/1.1",
        "GET /api/health/live/../../sse/poll HTTP/1.1",
        "GET /api/health/live;/../../sse/poll HTTP/1.1",
        "GET /api/health/ready/../../sse/connections HTTP/1.1",
        "GET /api;/sse/poll HTTP/1.1",
        "GET /api;a=b/sse/poll HTTP/1.1",
        "GET /API/sse/poll HTTP/1.1",
        "GET /api/sse/ HTTP/1.1",
        "GET /api/ HTTP/1.1",
        "GET /api HTTP/1.1",
        "HEAD /api/sse HTTP/1.1",
        "HEAD /api/sse/poll HTTP/1.1",
        "OPTIONS /api/sse/poll HTTP/1.1",
        "TRACE /api/sse/poll HTTP/1.1",
        "PUT /api/vehicles/x/status HTTP/1.1",
        "DELETE /api/sse/connections/1 HTTP/1.1",
        "DELETE /api/sse/connections?user=kari HTTP/1.1",
        "GET /api/metrics HTTP/1.1",
        "GET /api/flash HTTP/1.1",
        "GET http://127.0.0.1/api/sse/poll HTTP/1.1"
      })
  void noSpellingOfAPathGetsPastTheGuard(String line) {
    RawRequest.Answer answer = RawRequest.send(base, line, HOST);

    assertThat(answer.status()).as(answer.head() + answer.body()).isBetween(400, 499);
    assertThat(answer.body()).doesNotContain("epoch").doesNotContain("samband_");
    assertThat(openStreams()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: desk.example\r\nHost: desk.example",
        "Host: desk example",
        "Host: desk.example/x",
        "Host: ",
        "X: y"
      })
  void aHostThatIsNoHostIsRefused(String host) {
    String good = secured.bearer("kari", "dispatcher");

    RawRequest.Answer answer =
        RawRequest.send(base, "GET /api/sse/poll HTTP/1.1", host, "Authorization: " + good);

    // Payara answers an empty Host by itself, with nothing, before any application.
    boolean isNothing = answer.status() == 200 && answer.body().isEmpty() && host.equals("Host: ");
    assertThat(isNothing || answer.status() == 400 || answer.status() == 421)
        .as(answer.head())
        .isTrue();
  }

  @Test
  void forwardedHeadersOfNobodyInParticularChangeNothing() {
    String good = secured.bearer("kari", "dispatcher");

    RawRequest.Answer answer = RawRequest.send(
        base,
        "GET /api/sse/poll HTTP/1.1",
        "Host: evil.example",
        "X-Forwarded-Host: desk.example",
        "X-Forwarded-For: 127.0.0.1",
        "X-Forwarded-Proto: https",
        "Forwarded: for=127.0.0.1;host=desk.example;proto=https",
        "Authorization: " + good);

    assertProblem(answer, 421);
  }

  @Test
  void aPreflightIsAnsweredForAllowedOriginsOnly() {
    String[] asked = {
      "OPTIONS /api/sse/events HTTP/1.1", HOST, "Access-Control-Request-Method: DELETE"
    };
    RawRequest.Answer friend =
        RawRequest.send(base, asked[0], asked[1], asked[2], "Origin: https://friend.example");
    RawRequest.Answer foe =
        RawRequest.send(base, asked[0], asked[1], asked[2], "Origin: https://evil.example");

    assertThat(friend.status()).isEqualTo(204);
    assertThat(friend.header("Access-Control-Allow-Origin"))
        .containsExactly("https://friend.example");
    assertThat(friend.header("Access-Control-Allow-Methods").get(0)).contains("DELETE");
    assertThat(friend.header("Access-Control-Allow-Headers").get(0))
        .contains(
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "Last-Event-ID",
            "traceparent",
            "tracestate");
    assertProblem(foe, 403);
    assertThat(foe.header("Access-Control-Allow-Origin")).isEmpty();
  }

  @Test
  void anAllowedOriginCanReadWhyItIsRefused() {
    RawRequest.Answer answer =
        RawRequest.send(base, "GET /api/sse/poll HTTP/1.1", HOST, "Origin: https://friend.example");

    assertProblem(answer, 401);
    assertThat(answer.header("Access-Control-Allow-Origin"))
        .containsExactly("https://friend.example");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, api/sse?types=event_created, wall_screen, 403",
    "HEAD, api/sse?types=event_created, wall_screen, 403",
    "GET, api/sse/poll?types=event_created, wall_screen, 403",
    "GET, 'api/sse/poll?types=flash_message,event_created', wall_screen, 403",
    "GET, api/sse/poll?types=flash_message, wall_screen, 200",
    "GET, api/sse/poll, wall_screen, 200",
    "GET, api/sse/poll, guest, 403",
    "GET, api/sse, guest, 403",
    "GET, api/flash, wall_screen, 200",
    "GET, api/flash, guest, 403",
    "GET, api/vehicles, guest, 403",
    "GET, api/sse/connections, dispatcher, 403",
    "GET, api/sse/connections, operator, 200",
    "GET, api/metrics, dispatcher, 403",
    "GET, api/metrics, operator, 200",
    "POST, api/sse/test, dispatcher, 403",
    "POST, api/sse/test, operator, 202",
    "POST, api/sse/events, dispatcher, 403",
    "POST, api/sse/events, leader, 202",
    "POST, api/flash, dispatcher, 403",
    "POST, api/flash, leader, 202",
    "PUT, api/vehicles/A1/status, leader, 403",
    "PUT, api/vehicles/A1/status, cad, 200",
    "DELETE, api/sse/connections/1, dispatcher, 403",
    "DELETE, api/sse/connections/1, operator, 404",
    "DELETE, api/sse/connections, operator, 400",
    "DELETE, api/sse/connections?user=nobody, operator, 200"
  })
  void aRightIsNeeded(String method, String path, String role, int status) {
    String body = switch (path) {
      case "api/sse/events" -> EVENT;
      case "api/flash" -> "GET".equals(method) ? null : "{\"text\":\"Bilbrann\"}";
      case "api/vehicles/A1/status" -> "{\"status\":\"available\"}";
      default -> null;
    };

    Http.Answer answer =
        http.send(method, path, body, "Authorization", secured.bearer("kari", role));

    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    if (status == 403) {
      assertThat(answer.header("WWW-Authenticate"))
          .isEqualTo("Bearer error=\"insufficient_scope\"");
      assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    }
    if (status == 403 && path.contains("event_created") && "GET".equals(method)) {
      assertThat(answer.body()).contains("event_created").doesNotContain("flash_message,");
    }
  }

  @Test
  void aTypeThatMayNotBePublishedIsRefusedAndNotStored() {
    String before = newest();

    Http.Answer answer = http.post(
        "api/sse/events",
        "{\"type\":\"bilstatus_update\",\"data\":{}}",
        "Authorization",
        secured.bearer("kari", "leader"));

    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.body()).contains("bilstatus_update");
    assertThat(newest()).isEqualTo(before);
  }

  @Test
  void anIdempotencyKeyBelongsToItsUser() {
    String kari = secured.bearer("kari", "leader");
    String[] ids = new String[3];
    List<String> senders = new ArrayList<>(List.of(kari, secured.bearer("per", "cad"), kari));
    for (int i = 0; i < ids.length; i++) {
      ids[i] = http.post(
              "api/sse/events", EVENT, "Authorization", senders.get(i), "Idempotency-Key", "k-1")
          .json()
          .asJsonObject()
          .getString("id");
    }

    assertThat(ids[1]).isNotEqualTo(ids[0]);
    assertThat(ids[2]).isEqualTo(ids[0]);
  }

  @Test
  void answersSayWhatABrowserMayDoWithThem() {
    Http.Answer page = http.get("");
    Http.Answer health = http.get("api/health/ready");

    assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(page.header("Content-Security-Policy"))
        .contains("script-src 'self'", "frame-ancestors 'self'")
        .doesNotContain("unsafe-inline");
    assertThat(page.header("Cache-Control")).isEqualTo("no-cache");
    assertThat(health.header("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(health.header("Cache-Control")).isEqualTo("no-store");
    assertThat(health.json().asJsonObject().getString("auth")).isEqualTo("required");
  }

  @Test
  void whatIsRefusedAndPublishedIsInTheAuditLogAndCannotForgeALine() {
    String expired = secured.mint().token("kari", Duration.ofMinutes(-5), "dispatcher");
    http.get("api/sse/poll", "Authorization", "Bearer " + expired, "User-Agent", "x{0}y");
    http.get("api/metrics", "Authorization", secured.bearer("kari \"{1}\" b\u00e5", "dispatcher"));
    String id = secured.publish("{\"type\":\"flash_message\",\"data\":{\"secret\":\"s3cr3t\"}}");

    await().atMost(Duration.ofSeconds(20)).until(() -> secured.server().log().contains(id));
    String log = secured.server().log();
    assertThat(log)
        .contains("\"event\":\"authn_fail\",\"reason\":\"expired\"")
        .contains("\"userAgent\":\"x{0}y\"")
        .contains("\"event\":\"authz_fail\"")
        .contains("\"user\":\"kari \\\"{1}\\\" b\\u00e5\"")
        .contains("\"event\":\"event_published\",\"user\":\"cad-1\",\"type\":\"flash_message\"")
        .doesNotContain("s3cr3t")
        .doesNotContain(expired);
  }
}
