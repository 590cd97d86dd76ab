package io.samband.event;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonReaderFactory;
import jakarta.json.JsonValue;
import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
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
  private static final JsonReaderFactory READERS = Json.createReaderFactory(Map.of());

  private JsonData() {}

  static String encode(Object data) {
    return JSONB.toJson(data);
  }

  /**
   * The same JSON without white space between its tokens, so that it is one line.
   *
   * @throws IllegalArgumentException if it is not exactly one JSON value, or cannot be written as UTF-8
   */
  static String oneLine(String json) {
    try (var reader = READERS.createReader(new StringReader("[" + json + "]"))) {
      var values = reader.readArray();
      // The brackets admit scalars, which some parsers refuse at the top; they must not admit "1,2"
      // or nothing.
      if (values.size() != 1) {
        throw new IllegalArgumentException("data is not exactly one JSON value");
      }
      return values.get(0) == JsonValue.NULL ? "null" : values.get(0).toString();
    } catch (JsonException | IllegalStateException | ArithmeticException e) {
      throw new IllegalArgumentException("data is not well-formed JSON", e);
    }
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
