package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.testing.Frame;
import io.samband.testing.Http;
import io.samband.testing.RawStream;
import io.samband.testing.SecuredServer;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How streams of identities begin and end, and which events they show. */
class StreamLifeIT {
  private static final Duration WAIT = Duration.ofSeconds(20);
  private static SecuredServer secured;

  @BeforeAll
  static void start() {
    secured = new SecuredServer(Map.of(
        "samband.auth.jwt.clock-skew-millis", "0",
        "samband.stream.max-subscribers-per-user", "8",
        "samband.stream.stall-millis", "120000"));
  }

  @AfterAll
  static void stop() {
    secured.close();
  }

  private static RawStream open(String path, String token) {
    return secured.server().stream(path, "Authorization", "Bearer " + token);
  }

  private static JsonObject json(String text) {
    return Json.createReader(new StringReader(text)).readObject();
  }

  private static JsonObject auth(RawStream stream) {
    return json(stream.next(frame -> frame.is("hello")).data()).getJsonObject("auth");
  }

  private static JsonObject authOf(String user, String... roles) {
    try (RawStream stream = open("api/sse", secured.token(user, roles))) {
      return auth(stream);
    }
  }

  /** A token whose end is at a whole second. */
  private static String endingAt(Instant end, String user) {
    Map<String, Object> claims = secured.mint().claims(Instant.now());
    claims.put("sub", user);
    claims.put("exp", end.getEpochSecond());
    return secured.mint().token(claims);
  }

  private static Instant wholeSecondsFromNow(int seconds) {
    return Instant.ofEpochSecond(Instant.now().getEpochSecond() + seconds);
  }

  private static String publish(String type, String data, String... audience) {
    String to = audience.length == 0
        ? ""
        : ",\"audience\":" + Json.createArrayBuilder(List.of(audience)).build();
    return secured.publish("{\"type\":\"" + type + "\",\"data\":" + data + to + "}");
  }

  private static long offset(String id) {
    return Long.parseLong(id.substring(id.indexOf('-') + 1));
  }

  @Test
  void helloSaysWhoItIs() {
    JsonObject kari = authOf("kari", "dispatcher");
    JsonObject again = authOf("kari", "dispatcher");
    JsonObject promoted = authOf("kari", "dispatcher", "leader");
    JsonObject per = authOf("per", "dispatcher");

    assertThat(kari.getString("name")).isEqualTo("kari");
    assertThat(kari.getString("subject"))
        .matches("[0-9a-f]{16}")
        .isEqualTo(again.getString("subject"));
    assertThat(kari.getString("rights"))
        .matches("[0-9a-f]{8}")
        .isEqualTo(again.getString("rights"));
    assertThat(kari.getJsonNumber("expiresInMillis").longValue())
        .isBetween(60_000L, Duration.ofMinutes(30).toMillis());
    assertThat(promoted.getString("subject")).isEqualTo(kari.getString("subject"));
    assertThat(promoted.getString("rights")).isNotEqualTo(kari.getString("rights"));
    assertThat(per.getString("subject")).isNotEqualTo(kari.getString("subject"));
    JsonObject polled =
        json(polled("00000000-0", secured.token("kari", "dispatcher"))).getJsonObject("auth");
    assertThat(polled.getString("subject")).isEqualTo(kari.getString("subject"));
    assertThat(polled.getString("rights")).isEqualTo(kari.getString("rights"));
  }

  @Test
  void aNameForgesNeitherAFrameNorALogLine() {
    String name = "k\"},\"x\":1 \u00e5\u65e5";

    try (RawStream stream = open("api/sse", secured.token(name, "dispatcher"))) {
      Frame hello = stream.next(frame -> frame.is("hello"));
      assertThat(json(hello.data()).getJsonObject("auth").getString("name")).isEqualTo(name);
      assertThat(hello.text().lines().count()).isEqualTo(5);
    }
    await()
        .atMost(WAIT)
        .until(() -> secured.server().log().contains("k\\\"},\\\"x\\\":1 \\u00e5\\u65e5"));
  }

  @Test
  void aStreamEndsWithItsTokenAndNothingComesAfterThat() {
    Instant end = wholeSecondsFromNow(4);
    try (RawStream stream = open("api/sse", endingAt(end, "kari"))) {
      stream.next(frame -> frame.is("hello"));
      while (Instant.now().isBefore(end.plusMillis(600))) {
        publish("event_updated", "\"" + Instant.now() + "\"");
      }

      assertThat(stream.awaitEnd()).isEqualTo(RawStream.End.CLEAN);
      List<Frame> frames = stream.frames();
      Frame last = frames.get(frames.size() - 1);
      assertThat(last.is("drain")).as(last.text()).isTrue();
      assertThat(json(last.data()).getString("reason")).isEqualTo("expired");
      assertThat(json(last.data()).getInt("reconnectMillis")).isPositive();
      List<Instant> received = stream.events().stream()
          .map(event -> Instant.parse(json(event.data()).getString("data")))
          .toList();
      assertThat(received).isNotEmpty().allMatch(at -> at.isBefore(end));
      // At least to one second before the end.
      assertThat(received.get(received.size() - 1)).isAfter(end.minusMillis(1_500));
    }
  }

  @Test
  void aStalledSubscriberGetsNothingThatWasPublishedAfterItsTokenExpired() {
    Instant end = wholeSecondsFromNow(4);
    String large = "\"" + "x".repeat(60_000) + "\"";
    try (RawStream stream = RawStream.open(
        secured.server().base(),
        "api/sse",
        4_096,
        "Authorization",
        "Bearer " + endingAt(end, "kari"))) {
      stream.next(frame -> frame.is("hello"));
      stream.pause();
      while (Instant.now().isBefore(end)) {
        publish("event_updated", large);
      }
      String late = publish("event_updated", "\"late\"");

      stream.resume();
      stream.awaitEnd();

      assertThat(stream.events()).allMatch(event -> event.offset() < offset(late));
      assertThat(stream.text()).doesNotContain("late");
    }
  }

  @Test
  void aTokenThatIsAboutToExpireDoesNotMakeItsClientLoop() {
    String token = endingAt(wholeSecondsFromNow(2), "kari");
    try (RawStream stream = open("api/sse", token)) {
      stream.awaitEnd();
      assertThat(json(stream.frames().get(stream.frames().size() - 1).data())
              .getInt("reconnectMillis"))
          .isGreaterThanOrEqualTo(100);
    }
    await()
        .atMost(WAIT)
        .until(() -> secured
                .http()
                .get("api/sse/poll", "Authorization", "Bearer " + token)
                .status()
            == 401);
  }

  @Test
  void anAdministratorEndsTheStreamsOfAUserOrOneStream() {
    Http http = secured.http();
    try (RawStream one = open("api/sse", secured.token("rolf", "dispatcher"));
        RawStream two = open("api/sse", secured.token("rolf", "dispatcher"));
        RawStream other = open("api/sse", secured.token("siri", "dispatcher"))) {
      for (RawStream stream : List.of(one, two, other)) {
        stream.next(frame -> frame.is("hello"));
      }

      Http.Answer answer = http.send(
          "DELETE", "api/sse/connections?user=rolf", null, "Authorization", secured.operator());

      assertThat(answer.json().asJsonObject().getInt("ended")).isEqualTo(2);
      for (RawStream stream : List.of(one, two)) {
        assertThat(stream.awaitEnd()).isEqualTo(RawStream.End.CLEAN);
        assertThat(stream.text()).contains("event: drain\ndata: {\"reason\":\"revoked\"");
      }
      JsonObject left = http
          .get("api/sse/connections", "Authorization", secured.operator())
          .json()
          .asJsonArray()
          .stream()
          .map(connection -> connection.asJsonObject())
          .filter(connection -> connection.getString("user").equals("siri"))
          .findAny()
          .orElseThrow();
      assertThat(other.end()).isNull();
      http.send(
          "DELETE",
          "api/sse/connections/" + left.getInt("id"),
          null,
          "Authorization",
          secured.operator());
      assertThat(other.awaitEnd()).isEqualTo(RawStream.End.CLEAN);
      await()
          .atMost(WAIT)
          .until(() -> secured
              .server()
              .log()
              .contains(
                  "\"event\":\"streams_revoked\",\"user\":\"ola\",\"of\":\"rolf\",\"ended\":2"));
    }
  }

  @Test
  void aUserHasSoManyStreamsAndOtherUsersHaveTheirOwn() {
    String greedy = secured.token("greedy", "dispatcher");
    List<RawStream> streams = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        streams.add(open("api/sse", greedy));
        assertThat(streams.get(i).status()).isEqualTo(200);
      }
      try (RawStream refused = open("api/sse", greedy);
          RawStream modest = open("api/sse", secured.token("modest", "dispatcher"))) {
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.header("retry-after")).isNotNull();
        assertThat(modest.status()).isEqualTo(200);
      }
    } finally {
      streams.forEach(RawStream::close);
    }
  }

  @Test
  void theAuditLogSaysWhichPartOfTheLogAStreamCovered() {
    String before = publish("event_updated", "1");
    try (RawStream stream =
        open("api/sse?lastEventId=" + before, secured.token("audited", "dispatcher"))) {
      String id = publish("event_updated", "2");
      stream.next(frame -> frame.isEvent() && frame.id().equals(id));
    }
    // The server sees that the client has gone when it next writes.
    publish("event_updated", "3");
    await()
        .atMost(WAIT)
        .until(() -> secured
            .server()
            .log()
            .lines()
            .anyMatch(line -> line.contains("\"event\":\"stream_ended\"")
                && line.contains("\"user\":\"audited\"")));
    String opened = auditLine("stream_opened");
    String ended = auditLine("stream_ended");
    assertThat(opened)
        .contains("\"address\":\"127.0.0.1\"", "\"rights\":\"", "\"after\":" + offset(before));
    assertThat(ended)
        .contains("\"reason\":\"gone\"", "\"after\":" + offset(before), "\"through\":");
  }

  private static String auditLine(String event) {
    return secured
        .server()
        .log()
        .lines()
        .filter(line ->
            line.contains("\"event\":\"" + event + "\"") && line.contains("\"user\":\"audited\""))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void anEventForOneUserIsSeenByThatUserOnlyWhicheverWayItIsRead() {
    String kari = secured.token("kari", "dispatcher");
    String per = secured.token("per", "dispatcher");
    String cursor = publish("event_updated", "0");
    try (RawStream hers = open("api/sse?lastEventId=" + cursor, kari);
        RawStream his = open("api/sse?lastEventId=" + cursor, per)) {
      hers.next(frame -> frame.is("hello"));
      his.next(frame -> frame.is("hello"));

      String secret = publish("event_updated", "\"for kari\"", "user:kari", "station:B12");
      String open = publish("event_updated", "\"for all\"");

      assertThat(hers.nextEvent().id()).isEqualTo(secret);
      assertThat(hers.nextEvent().id()).isEqualTo(open);
      assertThat(his.nextEvent().id()).isEqualTo(open);
      assertThat(his.text())
          .doesNotContain("for kari")
          .contains("id: " + secret + "\nevent: skip\ndata: {\"from\":" + offset(secret)
              + ",\"to\":" + offset(secret) + "}\n\nid: " + open + "\ndata: ");
      assertThat(hers.text()).doesNotContain("event: skip");
      assertThat(polled(cursor, kari)).contains("for kari").contains("\"skipped\":[]");
      assertThat(polled(cursor, per))
          .doesNotContain("for kari")
          .contains("\"skipped\":[[" + offset(secret) + "," + offset(secret) + "]]");
    }
    try (RawStream replayed = open("api/sse?lastEventId=" + cursor, per)) {
      replayed.nextEvent();
      assertThat(replayed.text()).doesNotContain("for kari").contains("event: skip");
    }
    Map<String, Object> claims = secured.mint().claims(Instant.now());
    claims.put("sub", "desk");
    claims.put("stations", List.of("A1", "B12"));
    assertThat(polled(cursor, secured.mint().token(claims))).contains("for kari");
  }

  private static String polled(String after, String token) {
    return secured
        .http()
        .get("api/sse/poll?after=" + after, "Authorization", "Bearer " + token)
        .body();
  }

  @Test
  void aStreamOfHiddenEventsOnlyGetsKeepalivesWhoseCursorMovesOn() {
    try (RawStream stream = open("api/sse", secured.token("wall", "wall_screen"))) {
      stream.next(frame -> frame.is("hello"));
      String hidden = publish("event_updated", "\"not for walls\"");

      Frame keepalive =
          stream.next(frame -> frame.is("keepalive") && offset(frame.id()) >= offset(hidden));

      assertThat(stream.text()).doesNotContain("not for walls").contains("event: skip");
      assertThat(offset(keepalive.id())).isGreaterThanOrEqualTo(offset(hidden));
      assertThat(stream.events()).isEmpty();
    }
  }
}
