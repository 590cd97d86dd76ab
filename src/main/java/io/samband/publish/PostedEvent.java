package io.samband.publish;

import io.samband.event.EventTooLargeException;
import io.samband.event.SSEEvent;
import io.samband.web.Problem;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.stream.JsonParserFactory;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/** Reads {@code {"type", "data", "timestamp"?}}. */
final class PostedEvent {
  // Looked up once: a look-up costs more than the reading.
  private static final JsonParserFactory PARSERS = Json.createParserFactory(Map.of());
  private static final Set<String> MEMBERS = Set.of("type", "data", "timestamp");

  private PostedEvent() {}

  /**
   * @throws jakarta.ws.rs.WebApplicationException 400 if the body is not such an object
   * @throws InvalidEventException if it is one whose values cannot be an event's
   * @throws EventTooLargeException if the data is too large
   */
  static SSEEvent read(byte[] body) {
    JsonObject object = object(body);
    for (String member : object.keySet()) {
      if (!MEMBERS.contains(member)) {
        throw Problem.of(
            400, "unknown member; an event has type, data and, if you like, timestamp");
      }
    }
    JsonValue data = object.get("data");
    if (!(object.get("type") instanceof JsonString type) || data == null) {
      throw Problem.of(400, "type must be a string, and data must be there (null is data)");
    }
    try {
      return new SSEEvent(type.getString(), data.toString(), timestamp(object.get("timestamp")));
    } catch (EventTooLargeException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new InvalidEventException(e.getMessage());
    }
  }

  private static JsonObject object(byte[] body) {
    var utf8 = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT);
    try (var parser =
        PARSERS.createParser(new InputStreamReader(new ByteArrayInputStream(body), utf8))) {
      parser.next();
      JsonObject object = parser.getObject();
      // The parser looks at what stands behind the object only when asked whether there is more.
      if (!parser.hasNext()) {
        return object;
      }
    } catch (RuntimeException e) {
      // Parsers of the platform have a name for most of what can be wrong, but not for all of it.
      throw Problem.of(400, "the body is not a JSON object in UTF-8");
    }
    throw Problem.of(400, "the body is more than one JSON object");
  }

  private static Instant timestamp(JsonValue value) {
    if (value == null) {
      return Instant.now();
    }
    if (value instanceof JsonString text) {
      try {
        return Instant.parse(text.getString());
      } catch (DateTimeException e) {
        // The one message below covers it.
      }
    }
    throw new InvalidEventException(
        "timestamp must be ISO 8601 in UTC, for example 2026-11-23T14:00:00.123Z");
  }
}
