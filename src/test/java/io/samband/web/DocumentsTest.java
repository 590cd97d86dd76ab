package io.samband.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.samband.event.SSEEventType;
import io.samband.log.LogHealth;
import io.samband.log.Replay;
import io.samband.log.Reset;
import io.samband.settings.Setting;
import io.samband.testing.Description;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code openapi.json} and {@code asyncapi.json} beside the code that they describe. */
class DocumentsTest {
  private static final Description CALLS = Description.of("openapi.json");
  private static final Description STREAM = Description.of("asyncapi.json");

  /** OpenAPI leaves them to other parts of a document: the content types, and what caches send. */
  private static final Set<String> NOT_PARAMETERS =
      Set.of("header Content-Type", "header If-None-Match");

  private static List<?> errors(SpecificationVersion version, String schema, String document)
      throws IOException {
    try (InputStream in = DocumentsTest.class.getResourceAsStream("/schemas/" + schema)) {
      Schema official = SchemaRegistry.withDefaultDialect(version).getSchema(in, InputFormat.JSON);
      return official.validate(document, InputFormat.JSON);
    }
  }

  @Test
  void theCallsAreValidOpenApi() throws IOException {
    String text = CALLS.json().toString();
    assertThat(errors(SpecificationVersion.DRAFT_2020_12, "openapi-3.1.json", text))
        .isEmpty();
    assertThat(errors(
            SpecificationVersion.DRAFT_2020_12,
            "openapi-3.1.json",
            text.replace("\"operationId\"", "\"operation\"")))
        .isNotEmpty();
  }

  @Test
  void theStreamIsValidAsyncApi() throws IOException {
    String text = STREAM.json().toString();
    assertThat(errors(SpecificationVersion.DRAFT_7, "asyncapi-3.0.json", text)).isEmpty();
    assertThat(errors(
            SpecificationVersion.DRAFT_7,
            "asyncapi-3.0.json",
            text.replace("\"send\"", "\"push\"")))
        .isNotEmpty();
  }

  @Test
  void everySchemaIsAValidSchema() {
    Schema meta = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
    schemas(CALLS)
        .forEach((name, schema) -> assertThat(meta.validate(schema.toString(), InputFormat.JSON))
            .as(name)
            .isEmpty());
    assertThat(meta.validate("{\"type\":\"text\"}", InputFormat.JSON)).isNotEmpty();
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    assertThat(references(CALLS.json()).map(pointer -> CALLS.at(pointer)))
        .isNotEmpty()
        .doesNotContainNull();
    assertThat(references(STREAM.json()).map(pointer -> STREAM.at(pointer)))
        .isNotEmpty()
        .doesNotContainNull();
  }

  private static Stream<String> references(JsonValue value) {
    if (value instanceof JsonObject object) {
      return object.entrySet().stream()
          .flatMap(member -> member.getKey().equals("$ref")
              ? Stream.of(((JsonString) member.getValue()).getString().substring(1))
              : references(member.getValue()));
    }
    return value.getValueType() == JsonValue.ValueType.ARRAY
        ? value.asJsonArray().stream().flatMap(DocumentsTest::references)
        : Stream.empty();
  }

  @Test
  void everyExampleOfAFrameIsOne() {
    JsonObject messages = STREAM.json().getJsonObject("components").getJsonObject("messages");
    messages.forEach((name, message) -> {
      for (JsonObject example :
          message.asJsonObject().getJsonArray("examples").getValuesAs(JsonObject.class)) {
        for (String part : List.of("headers", "payload")) {
          assertThat(STREAM.errors(
                  "/components/messages/" + name + "/" + part, example.get(part).toString()))
              .as(name)
              .isEmpty();
        }
      }
    });
  }

  @Test
  void whatBothDescribeIsDescribedAlike() {
    Set<String> both = new TreeSet<>(schemas(CALLS).keySet());
    both.retainAll(schemas(STREAM).keySet());
    assertThat(both).contains("EventId", "EventType", "Timestamp", "Reset", "LogStatus", "Auth");
    for (String name : both) {
      assertThat(schemas(CALLS).get(name)).as(name).isEqualTo(schemas(STREAM).get(name));
    }
  }

  private static JsonObject schemas(Description document) {
    return document.json().getJsonObject("components").getJsonObject("schemas");
  }

  @Test
  void theWordsAreThoseOfTheCode() {
    assertThat(words(schemas(STREAM)
            .getJsonObject("Reset")
            .getJsonObject("properties")
            .getJsonObject("reason")))
        .isEqualTo(lowerCase(Reset.Reason.values()));
    assertThat(words(schemas(STREAM).getJsonObject("Replay")))
        .isEqualTo(lowerCase(Replay.Kind.values()));
    assertThat(words(schemas(STREAM)
            .getJsonObject("LogStatus")
            .getJsonObject("properties")
            .getJsonObject("log")))
        .isEqualTo(lowerCase(LogHealth.Status.values()));
    String types = schemas(STREAM).getJsonObject("EventType").getString("description");
    assertThat(types)
        .contains(
            Arrays.stream(SSEEventType.values()).map(SSEEventType::wireName).toList());
    assertThat(CALLS
            .json()
            .getJsonObject("components")
            .getJsonObject("securitySchemes")
            .getJsonObject("cookie")
            .getString("name"))
        .isEqualTo(Setting.AUTH_COOKIE.defaultValue());
  }

  private static Set<String> words(JsonObject schema) {
    Set<String> words = new TreeSet<>();
    schema
        .getJsonArray("enum")
        .getValuesAs(JsonString.class)
        .forEach(word -> words.add(word.getString()));
    return words;
  }

  private static Set<String> lowerCase(Enum<?>... values) {
    Set<String> words = new TreeSet<>();
    Stream.of(values).forEach(value -> words.add(value.name().toLowerCase(Locale.ROOT)));
    return words;
  }

  @ParameterizedTest
  @ValueSource(strings = {"openapi.json", "asyncapi.json"})
  void theVersionIsThatOfTheBuild(String name) {
    assertThat(Description.of(name).json().getJsonObject("info").getString("version"))
        .matches("[0-9]+\\.[0-9]+\\.[0-9]+(-.+)?");
  }

  /** With the parameters that each one takes. */
  @Test
  void theDocumentHasEachCallOfTheCodeAndNoOther() {
    assertThat(described()).isEqualTo(implemented());
  }

  private static Map<String, Set<String>> described() {
    Map<String, Set<String>> calls = new TreeMap<>();
    CALLS
        .json()
        .getJsonObject("paths")
        .forEach((path, item) -> item.asJsonObject().forEach((method, operation) -> {
          Set<String> parameters = new TreeSet<>();
          String at = "/paths/" + Description.escape(path) + "/" + method + "/parameters";
          for (int i = 0; CALLS.at(at) != null && i < CALLS.at(at).asJsonArray().size(); i++) {
            JsonObject parameter = CALLS.at(at + "/" + i).asJsonObject();
            parameters.add(parameter.getString("in") + " " + parameter.getString("name"));
          }
          parameters.removeAll(NOT_PARAMETERS);
          calls.put(method.toUpperCase(Locale.ROOT) + " " + path, parameters);
        }));
    return calls;
  }

  private static Map<String, Set<String>> implemented() {
    Map<String, Set<String>> calls = new TreeMap<>();
    new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.samband")
            .stream()
            .filter(type -> type.isAnnotatedWith(Path.class))
            // The examples are no part of Samband.
            .filter(type -> !type.getPackageName().startsWith("io.samband.dispatch"))
            .map(JavaClass::reflect)
            .forEach(resource -> Arrays.stream(resource.getDeclaredMethods())
                .forEach(method -> httpMethod(method)
                    .ifPresent(http ->
                        calls.put(http + " " + path(resource, method), parameters(method)))));
    return calls;
  }

  private static Optional<String> httpMethod(Method method) {
    return Arrays.stream(method.getAnnotations())
        .map(annotation -> annotation.annotationType().getAnnotation(HttpMethod.class))
        .filter(annotation -> annotation != null)
        .map(HttpMethod::value)
        .findAny();
  }

  private static String path(Class<?> resource, Method method) {
    String path = resource.getAnnotation(Path.class).value();
    String rest = method.isAnnotationPresent(Path.class)
        ? "/" + method.getAnnotation(Path.class).value()
        : "";
    return ("/" + path + rest).substring(1 + Calls.INNER.length()).replaceAll("/+", "/");
  }

  private static Set<String> parameters(Method method) {
    Set<String> parameters = new TreeSet<>();
    for (Parameter parameter : method.getParameters()) {
      for (Annotation annotation : parameter.getAnnotations()) {
        if (annotation instanceof QueryParam query) {
          parameters.add("query " + query.value());
        } else if (annotation instanceof HeaderParam header) {
          parameters.add("header " + header.value());
        } else if (annotation instanceof PathParam path) {
          parameters.add("path " + path.value());
        }
      }
    }
    parameters.removeAll(NOT_PARAMETERS);
    return parameters;
  }
}
