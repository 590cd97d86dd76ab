package io.samband.event;

import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParser.Event;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code {"type", "data", "timestamp"?, "audience"?}} in one pass. Used once, by one thread. */
final class EventParser {
  private String type;
  private StringBuilder data;
  private Instant timestamp;
  private List<String> audience;

  private EventParser() {}

  /**
   * Reads an event.
   *
   * @throws EventSyntaxException if it is not an object with these members, in UTF-8
   * @throws InvalidEventException if a value is not allowed
   * @throws EventTooLargeException if the data is too large
   */
  static SSEEvent parse(byte[] json) {
    EventParser read = new EventParser();
    read.object(json);
    if (read.type == null || read.data == null) {
      throw new EventSyntaxException(
          "type must be a string, and data must be there (null is allowed)");
    }
    try {
      var event = new SSEEvent(
          read.data, read.type, read.timestamp == null ? Instant.now() : read.timestamp);
      return read.audience == null ? event : event.to(Audience.of(read.audience));
    } catch (EventTooLargeException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new InvalidEventException(e.getMessage());
    }
  }

  private void object(byte[] json) {
    var utf8 = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT);
    try (JsonParser parser =
        CompactJson.parser(new InputStreamReader(new ByteArrayInputStream(json), utf8))) {
      if (parser.next() != Event.START_OBJECT) {
        throw new EventSyntaxException("the body is not a JSON object");
      }
      while (parser.next() == Event.KEY_NAME) {
        member(parser.getString(), parser);
      }
      // The parser looks at what follows the object only when asked whether there is more.
      if (parser.hasNext()) {
        throw new EventSyntaxException("the body is more than one JSON object");
      }
    } catch (CompactJson.InvalidJsonException e) {
      throw new InvalidEventException(e.getMessage());
    } catch (EventSyntaxException | InvalidEventException e) {
      throw e;
    } catch (RuntimeException e) {
      // Parsers have a specific exception for most errors, but not for all of them.
      throw new EventSyntaxException("the body is not a JSON object in UTF-8", e);
    }
  }

  private void member(String name, JsonParser parser) {
    Event value = parser.next();
    switch (name) {
      case "type" -> {
        refuseIf(type != null || value != Event.VALUE_STRING, "type must be there once, a string");
        type = parser.getString();
      }
      case "data" -> {
        refuseIf(data != null, "data must be there once");
        data = new StringBuilder();
        CompactJson.copy(parser, value, data);
      }
      case "timestamp" -> {
        refuseIf(timestamp != null, "timestamp must be there at most once");
        timestamp = timestamp(value == Event.VALUE_STRING ? parser.getString() : "");
      }
      case "audience" -> {
        refuseIf(audience != null, "audience must be there at most once");
        audience = strings(value, parser);
      }
      default ->
        throw new EventSyntaxException(
            "unknown member; an event has type, data and, optionally, timestamp and audience");
    }
  }

  private static List<String> strings(Event first, JsonParser parser) {
    String message = "audience must be an array of strings";
    refuseIf(first != Event.START_ARRAY, message);
    List<String> strings = new ArrayList<>();
    for (Event next = parser.next(); next != Event.END_ARRAY; next = parser.next()) {
      refuseIf(next != Event.VALUE_STRING, message);
      strings.add(parser.getString());
    }
    return strings;
  }

  private static void refuseIf(boolean wrong, String message) {
    if (wrong) {
      throw new EventSyntaxException(message);
    }
  }

  private static Instant timestamp(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new InvalidEventException(
          "timestamp must be ISO 8601 in UTC, for example 2026-11-23T14:00:00.123Z");
    }
  }
}
