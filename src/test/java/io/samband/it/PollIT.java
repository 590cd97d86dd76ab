package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The contract of {@code GET /api/sse/poll}, to the letter. Others may publish on the same server meanwhile. */
@Tag("core")
class PollIT {
  private static final String TIME = "2026-11-23T14:00:00.123Z";
  private static final String OTHER_EPOCH = "00000001";

  private final Http http = LiveServer.shared().http();

  @Test
  void withoutACursorThereAreNoEventsButTheNewestId() {
    String id = publish("test", "1");
    var answer = http.get("api/sse/poll");
    JsonObject page = answer.json().asJsonObject();

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).startsWith("application/json");
    assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    String epoch = id.substring(0, 8);
    assertThat(answer.body())
        .isEqualTo("{\"epoch\":\"" + epoch + "\",\"oldest\":1,\"newest\":" + page.getInt("newest")
            + ",\"replay\":\"none\",\"reset\":null,\"events\":[],\"skipped\":[],\"lastEventId\":\""
            + epoch + "-" + page.getInt("newest") + "\",\"more\":false,\"pollMillis\":5000,"
            + "\"status\":{\"log\":\"ok\",\"sinceMillis\":0}}");
    assertThat((long) page.getInt("newest")).isGreaterThanOrEqualTo(offset(id));
  }

  @Test
  void theEventsAfterACursorAreThoseOfTheStreamInTheOrderOfTheContract() {
    String before = publish("test", "1");
    String type = "poll_" + Long.toString(System.nanoTime(), 36);
    String id = publish(type, "{\"a\" : [1, 2.50, \"\\u00e6\"], \"b\":null}");
    String body = http.get("api/sse/poll?types=" + type + "&after=" + before).body();

    assertThat(body)
        .contains(
            ",\"replay\":\"complete\",\"reset\":null,\"events\":[{\"id\":\"" + id + "\",\"type\":\""
                + type + "\",\"data\":{\"a\":[1,2.50,\"æ\"],\"b\":null},\"timestamp\":\"" + TIME
                + "\"}],\"skipped\":[");
  }

  @Test
  void repeatedTypesAreOneFilter() {
    String one = "one_" + Long.toString(System.nanoTime(), 36);
    String other = "other_" + Long.toString(System.nanoTime(), 36);
    String before = publish("test", "1");
    List<String> ids = List.of(publish(one, "1"), publish("test", "2"), publish(other, "3"));
    JsonObject page = poll("types=" + one + "&types=" + other + "&after=" + before);
    assertThat(page.getJsonArray("events").getValuesAs(JsonObject.class))
        .extracting(event -> event.getString("id"))
        .containsExactly(ids.get(0), ids.get(2));
  }

  @Test
  void aLimitIsContinuedWhereItEnded() {
    String type = "limit_" + Long.toString(System.nanoTime(), 36);
    String cursor = publish("test", "0");
    List<String> published = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      published.add(publish(type, String.valueOf(i)));
    }
    List<String> polled = new ArrayList<>();
    boolean more = true;
    for (int pages = 0; more; pages++) {
      assertThat(pages).isLessThan(20);
      JsonObject page = poll("types=" + type + "&limit=3&after=" + cursor);
      assertThat(page.getJsonArray("events").size()).isLessThanOrEqualTo(3);
      page.getJsonArray("events")
          .forEach(event -> polled.add(event.asJsonObject().getString("id")));
      cursor = page.getString("lastEventId");
      more = page.getBoolean("more");
    }
    assertThat(polled).isEqualTo(published);
  }

  @Test
  void theCursorMovesPastEventsThatTheFilterDoesNotTake() {
    String before = publish("test", "1");
    String after = publish("test", "2");
    JsonObject page = poll("types=nothing_of_this_type&after=" + before);

    assertThat(page.getJsonArray("events")).isEmpty();
    assertThat(page.getBoolean("more")).isFalse();
    assertThat(offset(page.getString("lastEventId"))).isGreaterThanOrEqualTo(offset(after));
  }

  @Test
  void whoIsUpToDateStaysWhereItIs() {
    String newest = poll("").getString("lastEventId");
    JsonObject page = poll("types=nothing_of_this_type&after=" + newest);
    assertThat(page.getString("replay")).isEqualTo("complete");
    assertThat(offset(page.getString("lastEventId"))).isGreaterThanOrEqualTo(offset(newest));
  }

  @Test
  void aCursorThatCannotBeContinuedGetsAResetAndEverythingThatIsKept() {
    publish("test", "1");
    for (String bad : List.of("garbage", OTHER_EPOCH + "-1", "%00", "1", "-", "null")) {
      JsonObject page = poll("limit=1&after=" + bad);
      assertThat(page.getString("replay")).isEqualTo("incomplete");
      assertThat(page.getJsonObject("reset"))
          .as(bad)
          .isEqualTo(json("{\"reason\":\"unknown_epoch\",\"missed\":null}"));
      assertThat(offset(page.getJsonArray("events").getJsonObject(0).getString("id")))
          .isEqualTo(1);
      assertThat(offset(page.getString("lastEventId"))).isEqualTo(1);
    }
    String ahead = poll("").getString("epoch") + "-999999999999";
    JsonObject page = poll("limit=1&after=" + ahead);
    assertThat(page.getJsonObject("reset"))
        .isEqualTo(json("{\"reason\":\"ahead\",\"missed\":null}"));
  }

  @Test
  void badTypesAndLimitsAreRefusedWithAProblemThatSaysWhatToChange() {
    for (String bad : List.of(
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=",
        "limit=1.5",
        "limit=many",
        "limit=5&limit=6",
        "types=No",
        "types=a,",
        "types=,",
        "types=a%20b",
        "types=a;b",
        "types=" + "a".repeat(65))) {
      var answer = http.get("api/sse/poll?" + bad);
      assertThat(answer.status()).as(bad).isEqualTo(400);
      assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
      JsonObject problem = answer.json().asJsonObject();
      assertThat(problem.getInt("status")).isEqualTo(400);
      assertThat(problem.getString("detail")).contains(bad.substring(0, 5));
    }
    assertThat(http.get("api/sse/poll?limit=1000&types=a,b").status()).isEqualTo(200);
  }

  private static JsonValue json(String text) {
    return new Http.Answer(200, null, text).json();
  }

  private JsonObject poll(String query) {
    var answer = http.get("api/sse/poll?" + query);
    assertThat(answer.status()).isEqualTo(200);
    return answer.json().asJsonObject();
  }

  private String publish(String type, String data) {
    var answer = http.post(
        "api/sse/events",
        "{\"type\":\"" + type + "\",\"data\":" + data + ",\"timestamp\":\"" + TIME + "\"}");
    assertThat(answer.status()).isEqualTo(202);
    return answer.json().asJsonObject().getString("id");
  }

  private static long offset(String id) {
    return Long.parseLong(id.substring(9));
  }
}
