package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Frame;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Events with an audience, and what a stream and a poll say about events that they do not show. */
class AudienceIT {
  private final LiveServer server = LiveServer.shared();
  private final Http http = server.http();

  @Test
  void anEventWithAnAudienceIsPublishedAndItsAudienceIsNotShown() {
    try (RawStream stream = server.stream("api/sse")) {
      stream.next(frame -> frame.is("hello"));
      String id = publish("test", "[\"station:B12\",\"user:k\\u00e5re\"]");

      Frame event = stream.next(frame -> frame.id().equals(id));
      assertThat(event.text())
          .isEqualTo("id: " + id + "\ndata: {\"type\":\"test\",\"data\":null,\"timestamp\":\""
              + "2026-11-23T14:00:00.000Z\"}\n\n");
    }
  }

  @Test
  void aFilteredStreamIsToldBeforeItsNextEventWhatItWasNotShown() {
    String type = type();
    String start = publish(type, null);
    publish("test", null);
    publish("test", "[\"user:kari\"]");
    String second = publish(type, null);
    try (RawStream replay = server.stream("api/sse?types=" + type, "Last-Event-ID", start);
        RawStream live = server.stream("api/sse?types=" + type)) {
      replay.next(frame -> frame.id().equals(second) && frame.isEvent());
      live.next(frame -> frame.is("hello"));
      publish("test", null);
      String third = publish(type, null);
      for (RawStream stream : List.of(replay, live)) {
        stream.next(frame -> frame.id().equals(third) && frame.isEvent());
        assertContiguous(stream.frames());
      }
      assertThat(replay.frames().get(1).text())
          .isEqualTo("id: %s-%d\nevent: skip\ndata: {\"from\":%d,\"to\":%d}\n\n"
              .formatted(
                  start.substring(0, 8),
                  offset(second) - 1,
                  offset(start) + 1,
                  offset(second) - 1));
      assertThat(replay.events()).hasSize(2);
      assertThat(live.events()).hasSize(1);
    }
  }

  @Test
  void theIdOfASkipIsACursor() {
    String type = type();
    String start = publish(type, null);
    String hidden = publish("test", null);
    String next = publish(type, null);
    try (RawStream stream = server.stream("api/sse?types=" + type, "Last-Event-ID", start)) {
      Frame skip = stream.next(frame -> frame.is("skip"));
      assertThat(offset(skip.id())).isGreaterThanOrEqualTo(offset(hidden));
      try (RawStream again = server.stream("api/sse?types=" + type, "Last-Event-ID", skip.id())) {
        assertThat(again.next().data()).contains("\"replay\":\"complete\"");
        assertThat(again.nextEvent().id()).isEqualTo(next);
        assertContiguous(again.frames());
      }
    }
  }

  @Test
  void aPollSaysWhatItDidNotShow() {
    String type = type();
    String start = publish(type, null);
    publish("test", null);
    publish("test", null);
    publish(type, null);
    publish(type, null);
    publish("test", null);
    String cursor = start;
    List<Long> seen = new ArrayList<>();
    boolean more = true;
    while (more) {
      JsonObject page = http.get("api/sse/poll?limit=2&types=" + type + "&after=" + cursor)
          .json()
          .asJsonObject();
      List<Long> offsets = new ArrayList<>();
      page.getJsonArray("events")
          .getValuesAs(JsonObject.class)
          .forEach(event -> offsets.add(offset(event.getString("id"))));
      seen.addAll(offsets);
      for (JsonArray range : page.getJsonArray("skipped").getValuesAs(JsonArray.class)) {
        for (long at = range.getInt(0); at <= range.getInt(1); at++) {
          offsets.add(at);
        }
      }
      assertThat(offsets.stream().sorted().toList())
          .as("events and skipped are the whole page: %s", page)
          .isEqualTo(
              LongStream.rangeClosed(offset(cursor) + 1, offset(page.getString("lastEventId")))
                  .boxed()
                  .toList());
      cursor = page.getString("lastEventId");
      more = page.getBoolean("more");
    }
    assertThat(seen).hasSize(2);
  }

  @Test
  void aBadAudienceIsRefusedWithAProblemThatSaysWhatIsAllowed() {
    for (String bad : List.of("[]", "[\"kari\"]", "[\"user:kari nordmann\"]", "[\"a:1\",\"\"]")) {
      Http.Answer answer = http.post("api/sse/events", event("test", bad));
      assertThat(answer.status()).as(bad).isEqualTo(422);
      assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
      assertThat(answer.json().asJsonObject().getString("detail")).contains("audience");
    }
    for (String bad : List.of("null", "\"user:kari\"", "[1]", "{}", "[[\"user:kari\"]]")) {
      Http.Answer answer = http.post("api/sse/events", event("test", bad));
      assertThat(answer.status()).as(bad).isEqualTo(400);
      assertThat(answer.json().asJsonObject().getString("detail")).contains("audience");
    }
  }

  @Test
  void theLargestAudienceIsTaken() {
    List<String> attributes = new ArrayList<>();
    for (char c = 'a'; c < 'a' + 16; c++) {
      attributes.add("\"" + c + ":" + "\\u00e5".repeat(126) + "\"");
    }
    publish("test", attributes.toString());
  }

  @Test
  void theSameKeyWithAnotherAudienceIsAnotherBody() {
    String key = type();
    String first = publish("test", "[\"user:kari\"]", "Idempotency-Key", key);
    assertThat(publish("test", "[\"user:kari\"]", "Idempotency-Key", key)).isEqualTo(first);
    for (String other : new String[] {"[\"user:ola\"]", null}) {
      assertThat(http.post("api/sse/events", event("test", other), "Idempotency-Key", key)
              .status())
          .isEqualTo(422);
    }
  }

  /** What a client checks: each frame is at the cursor, one after it, or after a skip that begins there. */
  static void assertContiguous(List<Frame> frames) {
    long cursor = frames.get(0).offset();
    for (Frame frame : frames.subList(1, frames.size())) {
      if (frame.is("skip")) {
        assertThat(frame.data())
            .isEqualTo("{\"from\":" + (cursor + 1) + ",\"to\":" + frame.offset() + "}");
      } else {
        assertThat(frame.offset())
            .as(frame.text())
            .isEqualTo(frame.isEvent() ? cursor + 1 : cursor);
      }
      cursor = frame.offset();
    }
  }

  private static String type() {
    return "audience_" + Long.toString(System.nanoTime(), 36);
  }

  private static String event(String type, String audience) {
    return "{\"type\":\"" + type + "\",\"data\":null,\"timestamp\":\"2026-11-23T14:00:00Z\""
        + (audience == null ? "" : ",\"audience\":" + audience) + "}";
  }

  private String publish(String type, String audience, String... headers) {
    Http.Answer answer = http.post("api/sse/events", event(type, audience), headers);
    assertThat(answer.status()).isEqualTo(202);
    return answer.json().asJsonObject().getString("id");
  }

  private static long offset(String id) {
    return Long.parseLong(id.substring(9));
  }
}
