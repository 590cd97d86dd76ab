package io.samband.testing;

import jakarta.json.Json;
import jakarta.json.JsonValue;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Compares what servers say with {@code openapi.json} and {@code asyncapi.json}. Thread-safe. */
public final class DocumentedWire implements WireCheck {
  private static final Description CALLS = Description.of("openapi.json");
  private static final Description STREAM = Description.of("asyncapi.json");
  private static final String BASE = "/api";
  private static final String PROBLEM = "/components/schemas/Problem";

  /** Each answer of ours has this header, whatever happened. Answers without it come from the container or a proxy. */
  private static final String MARK = "x-content-type-options";

  /** What those say before a request reaches a call, or while there is no application. */
  private static final Set<Integer> NOT_OURS =
      Set.of(302, 400, 404, 408, 414, 431, 501, 502, 503, 504, 505);

  /** The answers to everybody who may not call, whatever the call; in the documents they stand at each one. */
  private static final Set<Integer> REFUSED = Set.of(400, 401, 403, 421, 503);

  /** The calls of the example modules, and of modules that tests add: the documents leave them out. */
  private static final Pattern OF_MODULES = Pattern.compile("/(flash|vehicles)(/.*)?");

  @Override
  public void answer(
      String method,
      String target,
      String sent,
      int status,
      Map<String, List<String>> headers,
      String body) {
    Map<String, List<String>> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    byName.putAll(headers);
    if (!target.startsWith(BASE + "/") || byName.containsKey(FakeNode.MARK)) {
      return;
    }
    String path = target.substring(BASE.length()).replaceFirst("\\?.*", "");
    new Answer(method, path, sent, status, byName, body).check();
  }

  @Override
  public void frame(Frame frame) {
    String name = frame.event() == null ? "event" : frame.event();
    String message = "/components/messages/" + name;
    JsonValue found = STREAM.at(message);
    if (found == null) {
      throw new AssertionError("asyncapi.json has no message " + name + ": " + frame);
    }
    if (frame.data() == null) {
      throw new AssertionError("a frame without data: " + frame);
    }
    var fields = Json.createObjectBuilder();
    if (frame.id() != null) {
      fields.add("id", frame.id());
    }
    if (frame.event() != null) {
      fields.add("event", frame.event());
    }
    if (frame.retry() != null) {
      fields.add("retry", frame.retry());
    }
    conforms(STREAM, message + "/headers", fields.build().toString(), frame);
    conforms(STREAM, message + "/payload", frame.data(), frame);
  }

  private static void conforms(Description document, String schema, String value, Object context) {
    List<?> errors;
    try {
      errors = document.errors(schema, value);
    } catch (RuntimeException e) {
      throw new AssertionError("no JSON: " + value + " in " + context, e);
    }
    if (!errors.isEmpty()) {
      throw new AssertionError(errors + " by " + schema + " in " + context);
    }
  }

  private record Answer(
      String method,
      String path,
      String sent,
      int status,
      Map<String, List<String>> headers,
      String body) {
    void check() {
      if (method.equals("OPTIONS") && (status == 200 || status == 204)) {
        require(body == null || body.isEmpty() || !mediaType().endsWith("json"), "has a body");
      } else if (!headers.containsKey(MARK)) {
        // Containers answer TRACE.
        boolean isTrace = method.equals("TRACE") && status == 405;
        require(
            NOT_OURS.contains(status) || isNothing() || isEmptyStream() || isTrace,
            "is not ours, but has this status");
      } else {
        Optional<String> documented = documented(path);
        if (documented.isPresent()) {
          checkCall(documented.get());
        } else {
          checkOther();
        }
      }
    }

    /** Payara answers 200 if Host is empty, and 500 for a moment before the application is there. */
    private boolean isNothing() {
      return (status == 200 || status == 500) && (body == null || body.isEmpty());
    }

    /** Of a proxy in front that finds no node: an EventSource would give up at an error. */
    private boolean isEmptyStream() {
      return status == 200 && body != null && body.strip().matches("retry: \\d+");
    }

    private static Optional<String> documented(String path) {
      return CALLS.json().getJsonObject("paths").keySet().stream()
          .filter(template -> path.matches(template.replaceAll("\\{[a-z]+}", "[^/;]+")))
          // Fixed paths before those with a parameter.
          .min((a, b) -> Boolean.compare(a.contains("{"), b.contains("{")));
    }

    private void checkCall(String template) {
      String operation = operation(template);
      if (operation == null) {
        boolean isOtherMethod = status == 405;
        require(isOtherMethod || REFUSED.contains(status), "is no answer to an unknown method");
        require(!isOtherMethod || headers.containsKey("Allow"), "has no Allow");
        checkProblem();
        return;
      }
      String where = operation + "/responses/" + status;
      require(CALLS.at(where) != null, "has a status that is not in openapi.json");
      String response = CALLS.resolve(where);
      checkHeaders(response);
      checkContent(response);
      if (status < 300 && CALLS.at(operation + "/requestBody") != null && sent != null) {
        String json = sent.startsWith("\uFEFF") ? sent.substring(1) : sent;
        String schema = operation + "/requestBody/content/application~1json/schema";
        conforms(CALLS, schema, json, "the body of " + this);
      }
    }

    /** The pointer to it; null if there is none. HEAD is answered as GET. */
    private String operation(String template) {
      String item = "/paths/" + Description.escape(template) + "/";
      String own = item + method.toLowerCase(Locale.ROOT);
      if (CALLS.at(own) != null) {
        return own;
      }
      return method.equals("HEAD") && CALLS.at(item + "get") != null ? item + "get" : null;
    }

    private void checkHeaders(String response) {
      JsonValue described = CALLS.at(response + "/headers");
      Set<String> names =
          described == null ? Set.of() : described.asJsonObject().keySet();
      for (String name : names) {
        String header = CALLS.resolve(response + "/headers/" + Description.escape(name));
        List<String> values = headers.getOrDefault(name, List.of());
        boolean isRequired = CALLS.at(header).asJsonObject().getBoolean("required", false);
        require(!isRequired || !values.isEmpty(), "has no " + name);
        if (!values.isEmpty()) {
          String text = Json.createValue(String.join(", ", values)).toString();
          conforms(CALLS, header + "/schema", text, this);
        }
      }
      if (!names.contains("Cache-Control")) {
        require(
            headers.getOrDefault("Cache-Control", List.of()).equals(List.of("no-store")),
            "may be kept");
      }
    }

    private void checkContent(String response) {
      if (method.equals("HEAD")) {
        require(body == null || body.isEmpty(), "has a body");
        return;
      }
      JsonValue content = CALLS.at(response + "/content");
      if (content == null) {
        require(body == null || body.isEmpty(), "has a body");
        return;
      }
      String type = mediaType();
      require(content.asJsonObject().containsKey(type), "has the content type " + type);
      if (body != null && type.endsWith("json")) {
        String schema = response + "/content/" + Description.escape(type) + "/schema";
        conforms(CALLS, schema, body, this);
      }
    }

    /** A path that is in no document, or another spelling of one that is. */
    private void checkOther() {
      String plain = path.replaceAll(";[^/]*", "").replaceAll("/+", "/").replaceFirst("/$", "");
      Optional<String> documented = documented(plain);
      if (status < 400 && documented.isPresent()) {
        // As the call itself answers: a slash at the end changes nothing.
        new Answer(method, plain, sent, status, headers, body).check();
      } else if (status >= 400) {
        checkProblem();
      } else {
        require(OF_MODULES.matcher(plain).matches(), "is at a path that is not in openapi.json");
      }
    }

    private void checkProblem() {
      if (method.equals("HEAD")) {
        return;
      }
      require(mediaType().equals("application/problem+json"), "is no problem");
      // Those of modules may have members of their own (RFC 9457, section 3.2).
      if (body != null && !OF_MODULES.matcher(path).matches()) {
        conforms(CALLS, PROBLEM, body, this);
      }
    }

    private String mediaType() {
      String value = String.join(",", headers.getOrDefault("Content-Type", List.of("none")));
      return value.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
    }

    private void require(boolean condition, String otherwise) {
      if (!condition) {
        throw new AssertionError("The answer " + otherwise + ": " + this);
      }
    }
  }
}
