package io.samband.testing;

import jakarta.json.Json;
import jakarta.json.JsonReader;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** JSON calls to one server. Paths are relative to its root: {@code api/sse/poll}. */
public final class Http {
  private static final HttpClient CLIENT = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(Duration.ofSeconds(5))
      .build();
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final URI base;
  private final WireCheck check;

  public Http(URI base) {
    this(base, InstalledWireCheck.INSTANCE);
  }

  private Http(URI base, WireCheck check) {
    this.base = base;
    this.check = check;
  }

  /** For very many calls: the same, but answers are not compared with the documents, which costs more than the call. */
  Http unchecked() {
    return new Http(base, new WireCheck() {});
  }

  /** An answer, whose body is text and may be JSON. */
  public record Answer(int status, java.net.http.HttpHeaders headers, String body) {
    public JsonValue json() {
      try (JsonReader reader = Json.createReader(new StringReader(body))) {
        return reader.readValue();
      }
    }

    public String header(String name) {
      return headers.firstValue(name).orElse("");
    }
  }

  public Answer get(String path, String... headers) {
    return send("GET", path, null, headers);
  }

  public Answer head(String path, String... headers) {
    return send("HEAD", path, null, headers);
  }

  public Answer post(String path, String json, String... headers) {
    return send("POST", path, json, headers);
  }

  public Answer put(String path, String json, String... headers) {
    return send("PUT", path, json, headers);
  }

  /**
   * Sends a request; a body goes as {@code application/json} unless {@code headers} name another type.
   *
   * @param headers names and values in turn
   */
  public Answer send(String method, String path, String body, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path)).timeout(TIMEOUT);
    if (body == null) {
      request.method(method, HttpRequest.BodyPublishers.noBody());
    } else {
      request.method(method, HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
      request.setHeader("Content-Type", "application/json");
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.setHeader(headers[i], headers[i + 1]);
    }
    try {
      HttpResponse<String> response =
          CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      check.answer(
          method,
          target(base, base.resolve(path)),
          body,
          response.statusCode(),
          response.headers().map(),
          response.body());
      return new Answer(response.statusCode(), response.headers(), response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + base.resolve(path), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The path of a call as the application sees it, with its query. */
  static String target(URI base, URI call) {
    String query = call.getRawQuery() == null ? "" : "?" + call.getRawQuery();
    String path = call.getRawPath();
    String root = base.getRawPath().replaceFirst("/$", "");
    return (path.startsWith(root) ? path.substring(root.length()) : path) + query;
  }
}
