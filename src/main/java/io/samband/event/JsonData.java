package io.samband.event;

import jakarta.json.Json;
import jakarta.json.JsonValue;
import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.json.stream.JsonParserFactory;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Turns what a module hands over into one line of JSON, or says why that cannot be done. */
final class JsonData {
  // Both are looked up once: a look-up costs more than the work (about 90 µs for a provider).
  private static final Jsonb JSONB = JsonbBuilder.create();
  private static final JsonParserFactory PARSERS = Json.createParserFactory(Map.of());

  private JsonData() {}

  static String encode(Object data) {
    return data == null ? "null" : JSONB.toJson(data);
  }

  /**
   * The same JSON without white space between its tokens, so that it is one line.
   *
   * @throws IllegalArgumentException if it is not exactly one JSON value, or cannot be written as UTF-8
   */
  static String oneLine(String json) {
    // In brackets, because some parsers refuse a scalar at the top. They must not admit "1,2",
    // "1],[2" or nothing.
    try (var parser = PARSERS.createParser(new StringReader("[" + json + "]"))) {
      parser.next();
      var values = parser.getArray();
      if (values.size() == 1 && !parser.hasNext()) {
        return values.get(0) == JsonValue.NULL ? "null" : values.get(0).toString();
      }
    } catch (RuntimeException e) {
      // Parsers have a name for most of what can be wrong, but not for all of it: nesting that is
      // too deep, for one.
      throw new IllegalArgumentException("data is not well-formed JSON", e);
    }
    throw new IllegalArgumentException("data is not exactly one JSON value");
  }

  /**
   * How many bytes the text has in UTF-8.
   *
   * @throws IllegalArgumentException if it holds half of a surrogate pair, which would silently become a question mark
   */
  static int utf8Length(String text) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      return bytes.remaining();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "data holds an unpaired surrogate, which UTF-8 cannot carry", e);
    }
  }
}
