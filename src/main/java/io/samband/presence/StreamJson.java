package io.samband.presence;

import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.spi.JsonProvider;
import java.io.StringReader;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A stream as the JSON that is stored. Later versions may add members, and must keep these. */
final class StreamJson {
  // Looked up once: each look-up searches the class path.
  private static final JsonProvider JSON = JsonProvider.provider();

  private StreamJson() {}

  static String write(PresentStream stream) {
    JsonObjectBuilder object = JSON.createObjectBuilder();
    addText(object, "user", stream.user());
    object.add("connectedAt", stream.connectedAt().toString());
    addText(object, "address", stream.address());
    addText(object, "userAgent", stream.userAgent());
    if (!stream.types().isEmpty()) {
      JsonArrayBuilder types = JSON.createArrayBuilder();
      stream.types().forEach(types::add);
      object.add("types", types);
    }
    PresentStream.Behind behind = stream.behind();
    if (behind != null) {
      object.add(
          "behind",
          JSON.createObjectBuilder()
              .add("cursor", behind.cursor())
              .add("lastWriteAt", behind.lastWriteAt())
              .add("state", behind.state()));
    }
    return object.build().toString();
  }

  private static void addText(JsonObjectBuilder object, String name, String value) {
    if (value != null) {
      object.add(name, value);
    }
  }

  /** Empty if it cannot be understood. */
  static Optional<PresentStream> read(long id, String json) {
    try (var reader = JSON.createReader(new StringReader(json))) {
      JsonObject object = reader.readObject();
      return Optional.of(new PresentStream(
          id,
          object.getString("user", null),
          Instant.parse(object.getString("connectedAt")),
          object.getString("address", null),
          object.getString("userAgent", null),
          types(object),
          behind(object)));
    } catch (JsonException
        | DateTimeException
        | ClassCastException
        | NullPointerException
        | IllegalStateException e) {
      // What JSON-P throws for another structure.
      return Optional.empty();
    }
  }

  private static List<String> types(JsonObject object) {
    JsonValue types = object.getOrDefault("types", JsonValue.EMPTY_JSON_ARRAY);
    return types.asJsonArray().getValuesAs(JsonString::getString);
  }

  private static PresentStream.Behind behind(JsonObject object) {
    JsonObject behind = object.getJsonObject("behind");
    return behind == null
        ? null
        : new PresentStream.Behind(
            behind.getString("cursor"), behind.getString("lastWriteAt"), behind.getString("state"));
  }
}
