package io.samband.testing;

import jakarta.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** The event log of a server, read as a polling browser reads it. */
public final class Log {
  /** An event; the data as JSON. */
  public record Event(String id, String type, String data) {}

  private Log() {}

  /** Everything after an id. */
  public static List<Event> after(Http http, String id) {
    List<Event> events = new ArrayList<>();
    String cursor = id;
    boolean more = true;
    while (more) {
      JsonObject page =
          http.get("api/sse/poll?limit=1000&after=" + cursor).json().asJsonObject();
      for (JsonObject event : page.getJsonArray("events").getValuesAs(JsonObject.class)) {
        events.add(new Event(
            event.getString("id"), event.getString("type"), event.get("data").toString()));
      }
      cursor = page.getString("lastEventId");
      more = page.getBoolean("more");
    }
    return events;
  }

  /** Whether nothing after an id is trimmed yet. */
  public static boolean keepsAllAfter(Http http, String id) {
    JsonObject page = http.get("api/sse/poll?limit=1&after=" + id).json().asJsonObject();
    return page.getString("replay").equals("complete");
  }

  /** The id of the newest event. */
  public static String newest(Http http) {
    return http.get("api/sse/poll").json().asJsonObject().getString("lastEventId");
  }
}
