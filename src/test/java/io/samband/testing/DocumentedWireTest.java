package io.samband.testing;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tests' clients against a server that answers otherwise than the documents say. */
class DocumentedWireTest {
  private static final String PROBLEM =
      "{\"type\":\"about:blank\",\"title\":\"t\",\"status\":404,\"detail\":\"d\"}";
  private static final String LIVE = "{\"status\":\"UP\",\"log\":\"ok\"}";
  private static final String HELLO = "retry: 2000\nid: 5f3a9c21-1\nevent: hello\n"
      + "data: {\"epoch\":\"5f3a9c21\",\"oldest\":1,\"newest\":1,\"replay\":\"none\","
      + "\"keepaliveMillis\":15000,\"pollMillis\":5000}\n\n";

  private HttpServer server;
  private int status = 200;
  private Map<String, String> headers = Map.of();
  private String body = "";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      exchange.getRequestBody().readAllBytes();
      exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      headers.forEach(exchange.getResponseHeaders()::set);
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(bytes);
      }
    });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private URI base() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  private void answer(int newStatus, String type, String newBody) {
    status = newStatus;
    headers = Map.of("Content-Type", type);
    body = newBody;
  }

  private void assertTaken(String path) {
    assertThatCode(() -> new Http(base()).get(path)).doesNotThrowAnyException();
    assertThatCode(() -> raw(path)).doesNotThrowAnyException();
  }

  private void assertFound(String path, String fault) {
    List<ThrowingCallable> clients = List.of(() -> new Http(base()).get(path), () -> raw(path));
    for (ThrowingCallable client : clients) {
      assertThatThrownBy(client).isInstanceOf(AssertionError.class).hasMessageContaining(fault);
    }
  }

  private RawRequest.Answer raw(String path) {
    return RawRequest.send(base(), "GET /" + path + " HTTP/1.1", "Host: 127.0.0.1");
  }

  @Test
  void anAnswerAsDescribedIsTaken() {
    answer(200, "application/json", LIVE);
    assertTaken("api/health/live");
  }

  @Test
  void aStatusThatIsNotDescribedIsFound() {
    answer(202, "application/json", LIVE);
    assertFound("api/health/live", "status that is not in openapi.json");
    answer(500, "application/problem+json", PROBLEM);
    assertFound("api/sse/poll", "status that is not in openapi.json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"status\":\"UP\"}",
        "{\"status\":\"FINE\",\"log\":\"ok\"}",
        "{\"status\":\"UP\",\"log\":\"ok\",\"more\":1}",
        "{",
        "[]"
      })
  void aBodyThatIsNotDescribedIsFound(String wrong) {
    answer(200, "application/json", wrong);
    assertFound("api/health/live", wrong);
  }

  @Test
  void anotherContentTypeIsFound() {
    answer(200, "text/html", LIVE);
    assertFound("api/health/live", "content type text/html");
  }

  @Test
  void aHeaderThatIsMissingOrHasAnotherValueIsFound() {
    answer(401, "application/problem+json", PROBLEM.replace("404", "401"));
    assertFound("api/sse/poll", "has no WWW-Authenticate");
    headers = Map.of("Content-Type", "application/problem+json", "Retry-After", "soon");
    status = 503;
    assertFound("api/sse/poll", "RetryAfter");
    headers = Map.of("Content-Type", "application/json", "Cache-Control", "max-age=60");
    status = 200;
    body = LIVE;
    assertFound("api/health/live", "may be kept");
  }

  @Test
  void aPathThatIsNotDescribedMayOnlyBeRefused() {
    answer(404, "application/problem+json", PROBLEM);
    assertTaken("api/nothing");
    answer(404, "text/html", "<html>");
    assertFound("api/nothing", "is no problem");
    answer(200, "application/json", "{}");
    assertFound("api/nothing", "path that is not in openapi.json");
    assertTaken("elsewhere");
  }

  @Test
  void anUnknownMethodGets405WithTheMethodsThatThereAre() {
    answer(405, "application/problem+json", PROBLEM.replace("404", "405"));
    assertThatThrownBy(() -> new Http(base()).send("PATCH", "api/sse/poll", null))
        .hasMessageContaining("has no Allow");
    headers = Map.of("Content-Type", "application/problem+json", "Allow", "GET");
    assertThatCode(() -> new Http(base()).send("PATCH", "api/sse/poll", null))
        .doesNotThrowAnyException();
  }

  @Test
  void aRequestThatIsAcceptedIsOneThatIsDescribed() {
    answer(202, "application/json", "{\"id\":\"5f3a9c21-1\"}");
    Http http = new Http(base());
    assertThatCode(() -> http.post("api/sse/events", "{\"type\":\"test\",\"data\":null}"))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> http.post("api/sse/events", "{\"type\":\"test\"}"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("data");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "event: news\\ndata: {} | no message news",
        "event: skip\\nid: 5f3a9c21-2\\ndata: {\"from\":2} | to",
        "event: drain\\nid: 5f3a9c21-2\\ndata: {\"reason\":\"expired\",\"reconnectMillis\":1} | retry",
        "id: 5f3a9c21\\ndata: {\"type\":\"a\",\"data\":1,\"timestamp\":\"2026-11-23T14:00:00.123Z\"} | does not match",
        "id: 5f3a9c21-2\\ndata: {\"type\":\"a\",\"data\":1} | timestamp",
        ": nothing | without data"
      })
  void aFrameThatIsNotDescribedIsFound(String frame, String fault) {
    headers = Map.of(
        "Content-Type",
        "text/event-stream;charset=UTF-8",
        "Cache-Control",
        "no-cache, no-store, no-transform",
        "X-Accel-Buffering",
        "no");
    body = HELLO + frame.replace("\\n", "\n") + "\n\n";
    RawStream stream = RawStream.open(base(), "api/sse");
    assertThatThrownBy(() -> stream.next(taken -> false)).hasStackTraceContaining(fault);
    assertThatThrownBy(stream::close).hasStackTraceContaining(fault);
  }
}
