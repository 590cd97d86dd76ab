package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Frame;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import io.samband.testing.Rounds;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Hundreds of malformed, huge, foreign and future inputs: never a 500, never a stream that gets nothing. */
class BadInputIT {
  private static final String[] SEEDS = {
    "",
    "-",
    "0",
    "garbage",
    "5f3a9c21-1",
    "5F3A9C21-1",
    "00000000-0",
    "ffffffff-999999999999999999",
    "5f3a9c21-99999999999999999999999",
    "5f3a9c21--5",
    "null",
    "undefined",
    "NaN",
    "1e9",
    "' OR 1=1 --",
    "../../etc/passwd",
    "%00",
    "%FF%FE",
    "${jndi:ldap://x}",
    "<script>",
    "a,b",
    ",",
    "flash_message",
    "😀",
    "\u2028",
    "{}",
    "[]",
    "\"",
    "\\",
    "true"
  };

  private final LiveServer server = LiveServer.shared();
  private final Http http = server.http();
  private final Random random = Rounds.random(BadInputIT.class);

  private String input() {
    String seed = SEEDS[random.nextInt(SEEDS.length)];
    return switch (random.nextInt(6)) {
      case 0 -> seed.repeat(1 + random.nextInt(40));
      case 1 -> epoch() + "-" + seed;
      case 2 -> epoch() + "-" + random.nextLong(Long.MAX_VALUE);
      case 3 -> seed + (char) random.nextInt(0xd7ff);
      case 4 -> "x".repeat(random.nextInt(3_000));
      default -> seed;
    };
  }

  private String epoch() {
    return http.get("api/sse/poll").json().asJsonObject().getString("epoch");
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  @Test
  void noQueryIsAnErrorOfTheServer() {
    for (int i = 0; i < Rounds.of(300, 5_000); i++) {
      String query = switch (random.nextInt(4)) {
        case 0 -> "after=" + encoded(input());
        case 1 -> "types=" + encoded(input());
        case 2 -> "limit=" + encoded(input());
        default ->
          "after=" + encoded(input()) + "&types=" + encoded(input()) + "&" + encoded(input());
      };
      assertAnswered(http.get("api/sse/poll?" + query), query);
    }
    for (String raw :
        List.of("after=%", "after=%zz", "types=%FF", "after=%FF%FE-1", "limit=%00", "&&&", "=")) {
      RawStream answer = server.stream(
          "api/sse/poll?" + raw.replace("%zz", "%25zz").replace("after=%", "after=%25"));
      assertThat(answer.status()).as(raw).isLessThan(500);
      answer.close();
    }
  }

  @Test
  void noBodyIsAnErrorOfTheServer() {
    for (int i = 0; i < Rounds.of(300, 5_000); i++) {
      String type = random.nextInt(3) > 0
          ? "\"test\""
          : "\"" + input().replaceAll("[\"\\\\\\p{Cntrl}]", "") + "\"";
      String data = random.nextBoolean() ? "{\"a\":[1]}" : input();
      String body = "{\"type\":" + type + ",\"data\":" + data + "}";
      switch (random.nextInt(5)) {
        case 0 -> body = body.substring(0, random.nextInt(body.length()));
        case 1 -> body = body + input();
        case 2 -> body = "[".repeat(random.nextInt(20_000)) + body;
        case 3 -> body = body.replace("}", ",\"timestamp\":\"" + random.nextLong() + "\"}");
        default -> {
          // As it is.
        }
      }
      assertAnswered(http.post("api/sse/events", body), body);
    }
    String huge = "{\"type\":\"test\",\"data\":\"" + "x".repeat(2_000_000) + "\"}";
    assertThat(http.post("api/sse/events", huge).status()).isEqualTo(413);
    for (String key : List.of("a b", "k".repeat(256), "\u00e6", " ", "\t")) {
      var answer =
          http.post("api/sse/events", "{\"type\":\"test\",\"data\":1}", "Idempotency-Key", key);
      assertThat(answer.status()).as("key " + key).isIn(202, 400);
    }
    for (String type : List.of(
        "text/plain",
        "application/x-www-form-urlencoded",
        "x",
        "application/json;charset=UTF-16")) {
      var answer = http.send(
          "POST", "api/sse/events", "{\"type\":\"test\",\"data\":1}", "Content-Type", type);
      assertThat(answer.status()).as(type).isIn(202, 400, 415);
      assertThat(answer.status() == 202).as(type).isEqualTo(type.startsWith("application/json"));
    }
  }

  @Test
  void whoeverComesWithAnyCursorGetsHelloAndThenWhatIsPublished() {
    List<RawStream> streams = new ArrayList<>();
    List<String> inputs = new ArrayList<>();
    for (int i = 0; i < Rounds.of(60, 400); i++) {
      String input = input();
      boolean header = random.nextBoolean() && input.length() < 2_000;
      // What the grammar of HTTP forbids in a header cannot be sent in one.
      String clean = input.replaceAll("[^\\x21-\\x7e]", "?");
      // Without the events of other tests: a type of its own.
      String path = "api/sse?types=bad_input";
      streams.add(
          header
              ? server.stream(path, "Last-Event-ID", clean)
              : server.stream(path + "&lastEventId=" + encoded(input)));
      inputs.add(input);
    }
    for (int i = 0; i < streams.size(); i++) {
      assertThat(streams.get(i).status()).as(inputs.get(i)).isEqualTo(200);
      Frame hello = streams.get(i).next();
      assertThat(hello.is("hello")).as(inputs.get(i)).isTrue();
      assertThat(hello.id()).matches("[0-9a-f]{8}-(0|[1-9][0-9]{0,17})");
    }
    String id = http.post("api/sse/events", "{\"type\":\"bad_input\",\"data\":1}")
        .json()
        .asJsonObject()
        .getString("id");
    for (RawStream stream : streams) {
      stream.next(frame -> frame.isEvent() && frame.id().equals(id));
      stream.close();
    }
  }

  @Test
  void noTypesOpenAStreamThatCannotBe() {
    for (int i = 0; i < 40; i++) {
      String types = input();
      try (RawStream stream = server.stream("api/sse?types=" + encoded(types))) {
        assertThat(stream.status()).as(types).isIn(200, 400, 414);
        assertThat(stream.status() == 200)
            .as(types)
            .isEqualTo(types.isBlank()
                || types.matches(" *[a-z][a-z0-9_]{0,63} *(, *[a-z][a-z0-9_]{0,63} *)*"));
      }
    }
  }

  @Test
  void noAcceptHeaderAndNoMethodIsAnErrorOfTheServer() {
    List<String> accepts = List.of(
        "*",
        ";",
        ",",
        "text/",
        "/",
        "a/b/c",
        "*/html",
        "text/html;q=high",
        "text/html;q=9",
        "application/vnd.sun.wadl+xml",
        "text/html;charset=\"",
        "a/b,".repeat(300),
        "\u00e6/\u00e6",
        "image/png");
    List<String> paths = List.of(
        "api",
        "api/",
        "api/sse",
        "api/sse/",
        "api/sse/poll",
        "api/sse/poll/",
        "api/sse/events",
        "api/sse/test",
        "api/sse/connections",
        "api/health/ready",
        "api/metrics",
        "api/flash",
        "api/vehicles",
        "api/nothing",
        "api/application.wadl");
    for (String path : paths) {
      for (String method : List.of("OPTIONS", "HEAD", "PUT", "DELETE", "PATCH")) {
        assertThat(http.send(method, path, null).status())
            .as(method + " " + path)
            .isLessThan(500);
      }
      for (String accept : accepts) {
        for (String method : List.of("OPTIONS", "HEAD")) {
          assertThat(http.send(method, path, null, "Accept", accept).status())
              .as(method + " " + path + " with Accept: " + accept)
              .isLessThan(500);
        }
        try (RawStream answer = server.stream(path, "Accept", accept.replaceAll("[^ -~]", "?"))) {
          assertThat(answer.status()).as(path + " with Accept: " + accept).isLessThan(500);
        }
      }
    }
    assertThat(http.get("api/application.wadl").status()).isEqualTo(404);
    Http.Answer options = http.send("OPTIONS", "api/sse/events", null);
    assertThat(options.header("Allow")).contains("POST");
    assertThat(options.body()).doesNotContain("wadl");
  }

  private static void assertAnswered(Http.Answer answer, String what) {
    assertThat(answer.status()).as(what).isLessThan(500);
    if (answer.status() >= 400 && answer.status() != 414 && answer.status() != 431) {
      assertThat(answer.header("Content-Type")).as(what).startsWith("application/problem+json");
    }
  }
}
