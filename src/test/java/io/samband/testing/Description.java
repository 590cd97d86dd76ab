package io.samband.testing;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * {@code openapi.json} or {@code asyncapi.json} of this build, for checking against it. Thread-safe.
 *
 * <p>Clients have to ignore members that they do not know, so the published schemas allow them. Here they are not allowed: a member
 * that nobody has described is a fault.
 */
public final class Description {
  private final JsonObject json;
  private final String id;
  private final SchemaRegistry schemas;
  private final Map<String, Schema> compiled = new ConcurrentHashMap<>();

  private Description(String name, JsonObject json) {
    this.json = json;
    id = "https://samband.invalid/" + name;
    schemas = SchemaRegistry.withDefaultDialect(
        SpecificationVersion.DRAFT_2020_12,
        builder -> builder.schemas(Map.of(id, closed(json).toString())));
  }

  /** Reads one of them from the class path. */
  public static Description of(String name) {
    try (InputStream in = Description.class.getResourceAsStream("/io/samband/web/" + name);
        JsonReader reader = Json.createReader(in)) {
      return new Description(name, reader.readObject());
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }

  public JsonObject json() {
    return json;
  }

  /** The value at a JSON pointer, with a reference followed; null if there is nothing. */
  public JsonValue at(String pointer) {
    JsonValue value =
        Json.createPointer(pointer).containsValue(json) ? json.getValue(pointer) : null;
    return value instanceof JsonObject object && object.containsKey("$ref")
        ? at(object.getString("$ref").substring(1))
        : value;
  }

  /** Where the value at this pointer really is: the target of its reference, if it is one. */
  public String resolve(String pointer) {
    return json.getValue(pointer) instanceof JsonObject object && object.containsKey("$ref")
        ? resolve(object.getString("$ref").substring(1))
        : pointer;
  }

  /** What is wrong with a value of the schema at a pointer; empty if nothing is. */
  public List<Error> errors(String pointer, String value) {
    return compiled
        .computeIfAbsent(pointer, where -> schemas.getSchema(SchemaLocation.of(id + "#" + where)))
        .validate(value, InputFormat.JSON);
  }

  /** A name as a part of a JSON pointer. */
  public static String escape(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  private static JsonValue closed(JsonValue value) {
    if (value instanceof JsonArray array) {
      JsonArrayBuilder copy = Json.createArrayBuilder();
      array.forEach(element -> copy.add(closed(element)));
      return copy.build();
    }
    if (!(value instanceof JsonObject object)) {
      return value;
    }
    JsonObjectBuilder copy = Json.createObjectBuilder();
    object.forEach((name, member) -> copy.add(name, closed(member)));
    if (object.get("type") instanceof JsonString type
        && type.getString().equals("object")
        && object.get("properties") instanceof JsonObject) {
      copy.add("additionalProperties", false);
    }
    return copy.build();
  }
}
