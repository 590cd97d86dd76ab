package io.samband.web;

import jakarta.json.Json;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Supplier;

/** Answers that say what went wrong and what to change (RFC 9457). */
public final class Problem {
  public static final String CONTENT_TYPE = "application/problem+json";

  /** Long enough for a disk to come back, short enough for a dispatcher to wait. */
  private static final int RETRY_AFTER_SECONDS = 5;

  private static final Map<Integer, String> TITLES = Map.of(
      413, "Content Too Large",
      415, "Unsupported Media Type",
      421, "Misdirected Request",
      422, "Unprocessable Content");

  static final String NOTHING_HERE = "there is nothing at this path";

  private Problem() {}

  /** An answer with a problem body. */
  public static Response response(int status, String detail) {
    return builder(status, detail).build();
  }

  private static Response.ResponseBuilder builder(int status, String detail) {
    return Response.status(status)
        .header(HttpHeaders.CONTENT_TYPE, CONTENT_TYPE)
        .header(HttpHeaders.CACHE_CONTROL, "no-store")
        .entity(body(status, detail));
  }

  private static String body(int status, String detail) {
    return members(status, detail).build().toString();
  }

  private static JsonObjectBuilder members(int status, String detail) {
    return Json.createObjectBuilder()
        .add("type", "about:blank")
        .add("title", title(status))
        .add("status", status)
        .add("detail", detail);
  }

  private static String title(int status) {
    Response.Status known = Response.Status.fromStatusCode(status);
    String reason = known == null ? "Error" : known.getReasonPhrase();
    return TITLES.getOrDefault(status, reason);
  }

  /** Answers without JAX-RS. */
  public static void write(HttpServletResponse response, int status, String detail)
      throws IOException {
    response.setStatus(status);
    response.setContentType(CONTENT_TYPE);
    response.getOutputStream().write(body(status, detail).getBytes(StandardCharsets.UTF_8));
  }

  /** To be thrown by a resource. */
  public static WebApplicationException of(int status, String detail) {
    return new WebApplicationException(detail, response(status, detail));
  }

  /** As {@link #of(int, String)}, with one more member in the body (RFC 9457, section 3.2). */
  public static WebApplicationException of(
      int status, String detail, String member, JsonValue value) {
    String body = members(status, detail).add(member, value).build().toString();
    return new WebApplicationException(
        detail, Response.fromResponse(response(status, detail)).entity(body).build());
  }

  /** 503, with the time after which to try again. */
  public static WebApplicationException unavailable(String detail) {
    Response response = builder(503, detail)
        .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS)
        .build();
    return new WebApplicationException(detail, response);
  }

  /** The value, or 400 with the message of the exception that says what is wrong with it. */
  public static <T> T badRequestIfInvalid(Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw of(400, e.getMessage());
    }
  }
}
