package io.samband.it;

import static java.util.Objects.requireNonNullElse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.testing.Frame;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The bytes on the socket. */
@Tag("core")
class WireIT {
  private static final String TIMESTAMP = "2026-11-23T14:00:00.123Z";
  private static final int MAX_DATA_BYTES = 64 * 1024;

  private final LiveServer server = LiveServer.shared();
  private final Http http = server.http();

  @Test
  void headersAndHelloLeaveAtOnce() {
    JsonObject now = newest();
    try (RawStream stream = server.stream("api/sse")) {
      assertThat(stream.status()).isEqualTo(200);
      assertStreamHeaders(
          stream.header("content-type"),
          stream.header("cache-control"),
          stream.header("x-accel-buffering"));
      assertThat(stream.next().text()).isEqualTo("""
          retry: 2000
          id: %s
          event: hello
          data: {"epoch":"%s","oldest":%d,"newest":%d,"replay":"none","keepaliveMillis":2000,"pollMillis":5000}

          """.formatted(
              now.getString("lastEventId"),
              now.getString("epoch"),
              now.getJsonNumber("oldest").longValue(),
              now.getJsonNumber("newest").longValue()));
    }
  }

  @Test
  void headSaysTheSameAndRegistersNobody() {
    Http.Answer head = http.head("api/sse", "User-Agent", "WireIT-head");

    assertThat(head.status()).isEqualTo(200);
    assertStreamHeaders(
        head.header("content-type"),
        head.header("cache-control"),
        head.header("x-accel-buffering"));
    assertThat(connections().toString()).doesNotContain("WireIT-head");
  }

  static Stream<Arguments> payloads() {
    return Stream.of(
        Arguments.of("null", "null"),
        Arguments.of("\"\"", "\"\""),
        Arguments.of("{\"text\":\"Bilbrann E6 nord\"}", "{\"text\":\"Bilbrann E6 nord\"}"),
        Arguments.of("\"says \\\"no\\\" and 'yes' \\\\ \"", "\"says \\\"no\\\" and 'yes' \\\\ \""),
        Arguments.of(
            "\"\uD83D\uDE92 bl\u00e5b\u00e6r \u65e5\u672c \uD83D\uDC68\u200D\uD83D\uDE92\"",
            "\"\uD83D\uDE92 bl\u00e5b\u00e6r \u65e5\u672c \uD83D\uDC68\u200D\uD83D\uDE92\""),
        Arguments.of("\"one\\ntwo\\r\\nthree\\n\"", "\"one\\ntwo\\r\\nthree\\n\""),
        Arguments.of(
            "\"data: x\\n\\nid: 7\\nevent: hello\"", "\"data: x\\n\\nid: 7\\nevent: hello\""),
        Arguments.of("{\"a\":null,\"b\":[null,1e3,0.10]}", "{\"a\":null,\"b\":[null,1e3,0.10]}"),
        Arguments.of("\"a\u2028b\u2029c\u0085d\"", "\"a\\u2028b\\u2029c\\u0085d\""),
        Arguments.of("[1,\r\n\r\n  2,\n\n{\"a\" :\t3}\r]", "[1,2,{\"a\":3}]"));
  }

  @ParameterizedTest
  @MethodSource("payloads")
  void anEventIsOneFrameWithoutANameAndOnOneLine(String posted, String sent) {
    try (RawStream stream = server.stream("api/sse")) {
      stream.next(frame -> frame.is("hello"));

      Http.Answer answer = publish("flash_message", posted);

      assertThat(answer.status()).isEqualTo(202);
      String id = answer.json().asJsonObject().getString("id");
      assertThat(stream.nextEvent().text())
          .isEqualTo("id: " + id + "\ndata: {\"type\":\"flash_message\",\"data\":" + sent
              + ",\"timestamp\":\"" + TIMESTAMP + "\"}\n\n");
      assertThat(stream.text()).doesNotContain("\r").doesNotContain("\0");
    }
  }

  @Test
  void dataOf64KiBArrivesWholeAndOneByteMoreIsRefused() {
    String largest = "\"" + "\u00e5".repeat(MAX_DATA_BYTES / 2 - 1) + "\"";
    try (RawStream stream = server.stream("api/sse")) {
      assertThat(publish("test", largest).status()).isEqualTo(202);

      assertThat(stream.nextEvent().data()).contains(largest);
    }
    assertRefused(
        413, "application/json", event("test", "\"" + "x".repeat(MAX_DATA_BYTES - 1) + "\""));
  }

  @Test
  void keepaliveIsAFrameWithANameAndTheCursor() {
    try (RawStream stream = server.stream("api/sse?types=never_published")) {
      stream.next(frame -> frame.is("hello"));
      String passed = publish("test", "null").json().asJsonObject().getString("id");

      Frame keepalive = stream.next(frame -> frame.is("keepalive") && frame.id().equals(passed));

      assertThat(keepalive.text())
          .matches("id: " + passed + "\nevent: keepalive\ndata: \\{\"newest\":" + keepalive.offset()
              + ",\"timestamp\":\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\"}\n\n");
      assertThat(stream.events()).isEmpty();
    }
  }

  @Test
  void aKnownCursorIsContinuedAfterTheIdItNames() {
    String cursor = newest().getString("lastEventId");
    String first = publish("test", "1").json().asJsonObject().getString("id");
    String second = publish("test", "2").json().asJsonObject().getString("id");

    try (RawStream stream = server.stream("api/sse", "Last-Event-ID", cursor)) {
      Frame hello = stream.next();
      assertThat(hello.id()).isEqualTo(cursor);
      assertThat(hello.data()).contains("\"replay\":\"complete\"");
      assertThat(stream.next().id()).isEqualTo(first);
      assertThat(stream.next().id()).isEqualTo(second);
    }
    try (RawStream stream = server.stream("api/sse?lastEventId=" + first)) {
      assertThat(stream.next().id()).isEqualTo(first);
      assertThat(stream.next().id()).isEqualTo(second);
    }
    try (RawStream stream =
        server.stream("api/sse?lastEventId=" + cursor, "Last-Event-ID", first)) {
      assertThat(stream.next().id()).as("the header wins").isEqualTo(first);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ffffffff-1, ffffffff-1, unknown_epoch",
    "00000000-0, 00000000-0, unknown_epoch",
    "garbage, 00000000-0, unknown_epoch",
    "'{EPOCH}-', 00000000-0, unknown_epoch",
    "'{EPOCH}-99999999', '{EPOCH}-99999999', ahead",
    "'{EPOCH}-99999999999999999999', 00000000-0, unknown_epoch",
    "'../../etc/passwd%00', 00000000-0, unknown_epoch"
  })
  void aBadCursorIsEchoedIfItIsWellFormedAndAnsweredByResetFirst(
      String asked, String echoed, String reason) {
    publish("test", "null");
    JsonObject now = newest();
    String epoch = now.getString("epoch");
    String cursor = asked.replace("{EPOCH}", epoch);
    long oldest = now.getJsonNumber("oldest").longValue();
    try (RawStream stream = server.stream("api/sse", "Last-Event-ID", cursor)) {
      Frame hello = stream.next();
      assertThat(hello.id()).isEqualTo(echoed.replace("{EPOCH}", epoch));
      assertThat(hello.data()).contains("\"replay\":\"incomplete\"");
      assertThat(stream.next().text())
          .isEqualTo("id: " + epoch + "-" + (oldest - 1) + "\nevent: reset\ndata: {\"reason\":\""
              + reason + "\",\"missed\":null}\n\n");
      assertThat(stream.next().offset()).as("then everything that is kept").isEqualTo(oldest);
    }
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        Arguments.of(400, "application/json", ""),
        Arguments.of(400, "application/json", "{"),
        Arguments.of(400, "application/json", "[]"),
        Arguments.of(400, "application/json", "\"x\""),
        Arguments.of(400, "application/json", "{\"data\":1}"),
        Arguments.of(400, "application/json", "{\"type\":\"test\"}"),
        Arguments.of(400, "application/json", "{\"type\":7,\"data\":1}"),
        Arguments.of(415, "text/plain", event("test", "1")),
        Arguments.of(415, "application/x-www-form-urlencoded", event("test", "1")),
        Arguments.of(422, "application/json", event("Test", "1")),
        Arguments.of(422, "application/json", event("", "1")),
        Arguments.of(422, "application/json", event("a".repeat(65), "1")),
        Arguments.of(422, "application/json", event("a\\nid: 1", "1")),
        Arguments.of(
            422, "application/json", "{\"type\":\"test\",\"data\":1,\"timestamp\":\"yesterday\"}"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void whatIsRefusedSaysWhyAndIsNotBroadcast(int status, String contentType, String body) {
    assertRefused(status, contentType, body);
  }

  @Test
  void thePageOfAnotherOriginMayNotPublish() {
    try (RawStream stream = server.stream("api/sse")) {
      Http.Answer answer =
          http.post("api/sse/events", event("test", "1"), "Origin", "https://evil.example");

      assertProblem(403, answer);
      assertNothingWasBroadcast(stream);
    }
    String own = server.base().toString().replaceFirst("/$", "");
    assertThat(http.post("api/sse/events", event("test", "1"), "Origin", own).status())
        .isEqualTo(202);
  }

  @ParameterizedTest
  @CsvSource({"https://desk.example,true", "https://evil.example,false"})
  void onlyPagesOfAnAllowedOriginMayCallAndReadWithTheirCookies(String origin, boolean allowed) {
    String expected = allowed ? origin : "";
    try (RawStream stream = server.stream("api/sse", "Origin", origin)) {
      assertThat(stream.status()).isEqualTo(allowed ? 200 : 403);
      assertAllowed(allowed, expected, stream::header);
    }
    Http.Answer polled = http.get("api/sse/poll", "Origin", origin);
    assertThat(polled.status()).isEqualTo(allowed ? 200 : 403);
    assertAllowed(allowed, expected, polled::header);
    Http.Answer preflight = http.send(
        "OPTIONS",
        "api/sse/events",
        null,
        "Origin",
        origin,
        "Access-Control-Request-Method",
        "POST");
    assertAllowed(allowed, expected, preflight::header);
    assertThat(http.post("api/sse/events", event("test", "1"), "Origin", origin).status())
        .isEqualTo(allowed ? 202 : 403);
  }

  private static void assertAllowed(boolean allowed, String origin, UnaryOperator<String> header) {
    assertThat(requireNonNullElse(header.apply("access-control-allow-origin"), ""))
        .isEqualTo(origin);
    assertThat(requireNonNullElse(header.apply("access-control-allow-credentials"), ""))
        .isEqualTo(allowed ? "true" : "");
    assertThat(header.apply("vary")).contains("Origin");
  }

  @ParameterizedTest
  @CsvSource({
    "api/sse?types=No",
    "api/sse?types=a%0Ab",
    "api/sse/poll?types=No",
    "api/sse/poll?limit=0",
    "api/sse/poll?limit=1001",
    "api/sse/poll?limit=many"
  })
  void badFiltersAndLimitsAreRefused(String path) {
    assertProblem(400, http.get(path));
  }

  @Test
  void aByteOrderMarkBeforeABodyIsAccepted() {
    assertThat(http.post("api/sse/events", "\uFEFF" + event("test", "1")).status())
        .isEqualTo(202);
    assertThat(http.post("api/flash", "\uFEFF{\"text\":\"Bilbrann\"}").status()).isEqualTo(202);
  }

  @ParameterizedTest
  @CsvSource({
    "api/sse/poll, no-store",
    "api/sse/poll/, no-store",
    "api/health/ready, no-store",
    "api/metrics, no-store",
    "api/openapi.json, 'private, no-cache'",
    "api/asyncapi.json, 'private, no-cache'",
    "api/flash, no-store",
    "api/vehicles, no-store",
    "api/nothing, no-store",
    "'', no-cache",
    "index.html, no-cache",
    "client/samband-client.js, no-cache"
  })
  void everyAnswerSaysHowLongItMayBeKept(String path, String cacheControl) {
    assertThat(http.get(path).header("cache-control")).isEqualTo(cacheControl);
  }

  @Test
  void aSlashAtTheEndOfAPathChangesNothing() {
    assertThat(http.get("api/sse/poll/").status()).isEqualTo(200);
    assertThat(http.post("api/sse/events/", event("test", "1")).status()).isEqualTo(202);
    assertThat(http.post("api/sse/events/", event("test", "1"), "Origin", "https://evil.example")
            .status())
        .isEqualTo(403);
    assertThat(http.get("api/health/live/").status()).isEqualTo(200);
  }

  @Test
  void aFlashMessageSaysWhatBecameOfItAndIsAcknowledgedOnceByEachDesk() {
    Http.Answer sent = http.post("api/flash", "{\"text\":\"Bilbrann\",\"priority\":\"high\"}");
    assertThat(sent.status()).isEqualTo(202);
    assertThat(sent.json().asJsonObject().getString("outcome")).isEqualTo("durable");
    String id = sent.json().asJsonObject().getString("id");
    String path = "api/flash/" + id + "/acknowledgements";
    try (RawStream stream = server.stream("api/sse?types=flash_acknowledged")) {
      stream.next(frame -> frame.is("hello"));
      for (String desk : List.of("Desk 1", "Desk 2", "Desk 1")) {
        assertThat(http.post(path, "{\"by\":\"" + desk + "\"}").body())
            .isEqualTo("{\"outcome\":\"durable\"}");
      }
      assertThat(stream.nextEvent().data()).contains("\"by\":\"Desk 1\"").contains(id);
      assertThat(stream.nextEvent().data()).contains("\"by\":\"Desk 2\"");
    }
    JsonObject shown = http
        .get("api/flash")
        .json()
        .asJsonObject()
        .getJsonArray("flashes")
        .getValuesAs(JsonObject.class)
        .stream()
        .filter(flash -> flash.getString("id").equals(id))
        .findAny()
        .orElseThrow();
    assertThat(shown.getJsonArray("acknowledgements")).hasSize(2);
    assertProblem(404, http.post("api/flash/none/acknowledgements", "{\"by\":\"Desk 1\"}"));
    for (String by : List.of("x".repeat(65), " ", "a\\nb", "a\\u2028b", "\\ud800")) {
      assertProblem(422, http.post(path, "{\"by\":\"" + by + "\"}"));
    }
    assertProblem(422, http.post("api/flash", "{\"text\":\"\\udc00\"}"));
    assertProblem(400, http.post(path, "{}"));
  }

  @Test
  void aVehicleThatHasChangedMeanwhileIsNotOverwritten() {
    String path = "api/vehicles/W-" + System.nanoTime() % 1_000_000 + "/status";
    assertThat(http.put(path, "{\"status\":\"available\",\"version\":0}").status())
        .isEqualTo(200);
    Http.Answer conflict = http.put(path, "{\"status\":\"on_scene\",\"version\":0}");
    assertProblem(409, conflict);
    JsonObject current = conflict.json().asJsonObject().getJsonObject("current");
    assertThat(current.getString("status")).isEqualTo("available");
    assertThat(current.getInt("version")).isEqualTo(1);
    assertThat(http.put(path, "{\"status\":\"on_scene\",\"version\":1}").status())
        .isEqualTo(200);
    assertThat(http.put(path, "{\"status\":\"dispatched\"}").status()).isEqualTo(200);
    for (String version : List.of("\"1\"", "null", "1.5", "18446744073709551619")) {
      assertProblem(400, http.put(path, "{\"status\":\"dispatched\",\"version\":" + version + "}"));
    }
  }

  @Test
  void aRepeatWithTheSameKeyGetsTheFirstIdAndIsBroadcastOnce() {
    String key = "key-" + System.nanoTime();
    try (RawStream stream = server.stream("api/sse")) {
      String first = http.post("api/sse/events", event("test", "1"), "Idempotency-Key", key)
          .body();
      assertThat(http.post("api/sse/events", event("test", "1"), "Idempotency-Key", key)
              .body())
          .isEqualTo(first);
      assertProblem(422, http.post("api/sse/events", event("test", "2"), "Idempotency-Key", key));

      assertThat(stream.nextEvent().data()).contains("\"data\":1");
      assertNothingWasBroadcast(stream);
    }
  }

  @Test
  void theTestEventComesThroughCdiWithItsNonce() {
    try (RawStream stream = server.stream("api/sse")) {
      stream.next(frame -> frame.is("hello"));
      assertThat(http.get("api/sse/test").status()).isEqualTo(200);

      Http.Answer answer = http.post("api/sse/test", "");

      assertThat(answer.status()).isEqualTo(202);
      JsonObject body = answer.json().asJsonObject();
      assertThat(body.getInt("subscribers")).isPositive();
      assertThat(stream.nextEvent().data())
          .startsWith("{\"type\":\"test\",")
          .contains("\"" + body.getString("nonce") + "\"");
      assertNothingWasBroadcast(stream);
    }
  }

  @Test
  void aNodeThatIsAloneIsAllNodes() {
    try (RawStream stream = server.stream("api/sse?types=a,b", "User-Agent", "WireIT-all")) {
      stream.next(frame -> frame.is("hello"));
      await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
        JsonObject all =
            server.http().get("api/sse/connections?nodes=all").json().asJsonObject();
        assertThat(all.getBoolean("complete")).isTrue();
        assertThat(all.getJsonArray("nodes")).hasSize(1);
        JsonObject node = all.getJsonArray("nodes").getJsonObject(0);
        assertThat(node.getInt("connections"))
            .isEqualTo(all.getJsonArray("connections").size());
        JsonObject connection =
            all.getJsonArray("connections").getValuesAs(JsonObject.class).stream()
                .filter(listed -> listed.getString("userAgent", "").equals("WireIT-all"))
                .findAny()
                .orElseThrow(() -> new AssertionError(all));
        assertThat(connection.getString("node")).isEqualTo(node.getString("name"));
        assertThat(connection.getString("incarnation")).isEqualTo(node.getString("incarnation"));
        assertThat(connection.keySet())
            .contains("id", "connectedAt", "address", "cursor", "lag", "lastWriteAt", "state");
      });
    }
    assertProblem(400, server.http().get("api/sse/connections?nodes=some"));
  }

  @Test
  void aConnectionIsListedWhileItLasts() {
    try (RawStream stream = server.stream("api/sse?types=a,b", "User-Agent", "WireIT")) {
      stream.next(frame -> frame.is("hello"));
      JsonObject connection = connections().getValuesAs(JsonObject.class).stream()
          .filter(listed -> listed.getString("userAgent", "").equals("WireIT"))
          .findAny()
          .orElseThrow(() -> new AssertionError(connections()));

      assertThat(connection.keySet())
          .containsExactlyInAnyOrder(
              "id",
              "connectedAt",
              "address",
              "userAgent",
              "cursor",
              "lag",
              "lastWriteAt",
              "state",
              "types");
      assertThat(connection.getString("address")).isEqualTo("127.0.0.1");
    }
  }

  private void assertRefused(int status, String contentType, String body) {
    try (RawStream stream = server.stream("api/sse")) {
      assertProblem(status, http.post("api/sse/events", body, "Content-Type", contentType));
      assertNothingWasBroadcast(stream);
    }
  }

  private static void assertProblem(int status, Http.Answer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.header("content-type")).startsWith("application/problem+json");
    JsonObject problem = answer.json().asJsonObject();
    assertThat(problem.getInt("status")).isEqualTo(status);
    assertThat(problem.getString("title")).isNotBlank();
    assertThat(problem.getString("detail")).isNotBlank();
  }

  private void assertNothingWasBroadcast(RawStream stream) {
    String fence = publish("fence", "null").json().asJsonObject().getString("id");
    assertThat(stream.nextEvent().id()).isEqualTo(fence);
  }

  private static void assertStreamHeaders(String contentType, String cacheControl, String accel) {
    assertThat(contentType).isEqualTo("text/event-stream;charset=UTF-8");
    assertThat(cacheControl).isEqualTo("no-cache, no-store, no-transform");
    assertThat(accel).isEqualTo("no");
  }

  private Http.Answer publish(String type, String data) {
    return http.post("api/sse/events", event(type, data));
  }

  private static String event(String type, String data) {
    return "{\"type\":\"" + type + "\",\"data\":" + data + ",\"timestamp\":\"" + TIMESTAMP + "\"}";
  }

  private JsonObject newest() {
    return http.get("api/sse/poll").json().asJsonObject();
  }

  private JsonArray connections() {
    return http.get("api/sse/connections").json().asJsonArray();
  }
}
