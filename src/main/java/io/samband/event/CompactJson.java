package io.samband.event;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParser.Event;
import jakarta.json.stream.JsonParserFactory;
import java.io.Reader;
import java.io.StringReader;
import java.util.Map;

/**
 * JSON without white space, on one line, in one pass: checked by a streaming parser and written as it is read.
 *
 * <p>Numbers keep the digits that were written. Characters that some programs take for the end of a line are escaped. Pure
 * functions.
 */
final class CompactJson {
  /** Deeper data cannot be shown anyway, and some readers of JSON have no limit of their own. */
  private static final int MAX_DEPTH = 1_000;

  // Looked up once: a look-up costs about 90 µs, far more than the work.
  private static final JsonParserFactory PARSERS = Json.createParserFactory(Map.of());

  private CompactJson() {}

  static JsonParser parser(Reader json) {
    return PARSERS.createParser(json);
  }

  /**
   * The one value that a text holds.
   *
   * @throws IllegalArgumentException if the text is not exactly one JSON value
   */
  static StringBuilder of(String json) {
    StringBuilder out = new StringBuilder(json.length() + 16);
    // In brackets, because some parsers refuse a scalar at the top. They must not admit "1,2",
    // "1],[2" or nothing.
    try (JsonParser parser = parser(new StringReader("[" + json + "]"))) {
      parser.next();
      Event first = parser.next();
      if (first != Event.END_ARRAY) {
        copy(parser, first, out);
        if (parser.next() == Event.END_ARRAY && !parser.hasNext()) {
          return out;
        }
      }
    } catch (InvalidJsonException e) {
      throw e;
    } catch (RuntimeException e) {
      // Parsers have a specific exception for most errors, but not for all of them.
      throw new IllegalArgumentException("data is not well-formed JSON", e);
    }
    throw new IllegalArgumentException("data is not exactly one JSON value");
  }

  /**
   * Copies the value that begins with an event which the parser has just returned.
   *
   * @throws JsonException if it is not well-formed
   */
  static void copy(JsonParser parser, Event first, StringBuilder out) {
    int depth = 0;
    Event event = first;
    boolean separated = true;
    while (true) {
      boolean closing = event == Event.END_OBJECT || event == Event.END_ARRAY;
      if (!separated && !closing) {
        out.append(',');
      }
      separated =
          event == Event.START_OBJECT || event == Event.START_ARRAY || event == Event.KEY_NAME;
      write(parser, event, out);
      if (closing) {
        depth--;
      } else if (event == Event.START_OBJECT || event == Event.START_ARRAY) {
        depth++;
      }
      if (depth > MAX_DEPTH) {
        throw new InvalidJsonException("data is nested more than " + MAX_DEPTH + " levels deep");
      }
      if (depth == 0) {
        return;
      }
      event = parser.next();
    }
  }

  private static void write(JsonParser parser, Event event, StringBuilder out) {
    switch (event) {
      case START_OBJECT -> out.append('{');
      case END_OBJECT -> out.append('}');
      case START_ARRAY -> out.append('[');
      case END_ARRAY -> out.append(']');
      case KEY_NAME -> {
        quote(parser.getString(), out);
        out.append(':');
      }
      case VALUE_STRING -> quote(parser.getString(), out);
      case VALUE_NUMBER -> out.append(number(parser));
      case VALUE_TRUE -> out.append("true");
      case VALUE_FALSE -> out.append("false");
      case VALUE_NULL -> out.append("null");
    }
  }

  private static String number(JsonParser parser) {
    String digits = parser.getString();
    if (digits.indexOf('e') >= 0 || digits.indexOf('E') >= 0) {
      // An exponent that BigDecimal refuses is one that most readers cannot represent.
      parser.getBigDecimal();
    }
    return digits;
  }

  private static void quote(String text, StringBuilder out) {
    out.append('"');
    int plainFrom = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c != '"' && c != '\\' && c < '\u0080') {
        continue;
      }
      if (Character.isSurrogate(c)) {
        i = checkedPair(text, i);
      } else if (c < '\u0080' || c == '\u0085' || c == '\u2028' || c == '\u2029') {
        out.append(text, plainFrom, i);
        escape(c, out);
        plainFrom = i + 1;
      }
    }
    out.append(text, plainFrom, text.length()).append('"');
  }

  private static int checkedPair(String text, int high) {
    int low = high + 1;
    if (low == text.length() || !Character.isSurrogatePair(text.charAt(high), text.charAt(low))) {
      throw new InvalidJsonException("data holds an unpaired surrogate, which UTF-8 cannot carry");
    }
    return low;
  }

  private static void escape(char c, StringBuilder out) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\b' -> out.append("\\b");
      case '\f' -> out.append("\\f");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> out.append(String.format("\\u%04x", (int) c));
    }
  }

  /** Well-formed, but not acceptable. */
  static final class InvalidJsonException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    InvalidJsonException(String message) {
      super(message);
    }
  }
}
