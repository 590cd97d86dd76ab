package io.samband.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A gateway in front of a server, of the kind that asks people to log in: while they are signed out it redirects every
 * call of the API to a login page. It can serve files of its own, too.
 *
 * <p>All methods may be called from any thread.
 */
public final class Gateway implements AutoCloseable {
  /** Headers that {@code HttpClient} sets itself, or that hold for one hop. */
  private static final Set<String> NOT_PASSED_ON = Set.of(
      "connection", "content-length", "host", "transfer-encoding", "upgrade", "http2-settings");

  private final URI server;
  private final HttpServer listener;
  private final ExecutorService threads = Executors.newCachedThreadPool(Gateway::daemon);
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Map<String, String> scripts = new ConcurrentHashMap<>();
  private final Set<InputStream> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger logins = new AtomicInteger();
  private volatile boolean signedOut;

  private Gateway(URI server) throws IOException {
    this.server = server;
    listener =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), Ports.free()), 0);
    listener.setExecutor(threads);
    listener.createContext("/", this::serve);
    listener.start();
  }

  public static Gateway to(URI server) {
    try {
      return new Gateway(server);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where browsers find the server through this gateway. */
  public URI base() {
    return URI.create("http://127.0.0.1:" + listener.getAddress().getPort() + "/");
  }

  /** Serves a script at a path, instead of what the server has there. */
  public void servesScript(String path, String text) {
    scripts.put(path, text);
  }

  /** The session is over: streams end, and every call of the API is redirected to the login page. */
  public void signsOut() {
    signedOut = true;
    for (InputStream answer : open) {
      try {
        answer.close();
      } catch (IOException e) {
        // It has ended by itself.
      }
    }
  }

  public void signsIn() {
    signedOut = false;
  }

  /** How often the login page was fetched, each time with a new session cookie. */
  public int logins() {
    return logins.get();
  }

  @Override
  public void close() {
    listener.stop(0);
    threads.shutdownNow();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (path.equals("/login")) {
        int session = logins.incrementAndGet();
        exchange.getResponseHeaders().add("Set-Cookie", "session-" + session + "=new; Path=/");
        answer(exchange, "text/html;charset=UTF-8", "<!doctype html><title>Log in</title>");
      } else if (signedOut && path.startsWith("/api/")) {
        exchange.getResponseHeaders().add("Location", "/login");
        exchange.sendResponseHeaders(302, -1);
      } else if (scripts.containsKey(path)) {
        answer(exchange, "text/javascript", scripts.get(path));
      } else {
        passOn(exchange);
      }
    }
  }

  private void passOn(HttpExchange exchange) throws IOException {
    HttpResponse<InputStream> response;
    try {
      response = client.send(request(exchange), HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    response.headers().map().forEach((name, values) -> {
      if (!NOT_PASSED_ON.contains(name)) {
        exchange.getResponseHeaders().put(name, values);
      }
    });
    exchange.sendResponseHeaders(response.statusCode(), 0);
    try (InputStream in = response.body();
        OutputStream out = exchange.getResponseBody()) {
      open.add(in);
      byte[] buffer = new byte[8 * 1024];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        out.write(buffer, 0, read);
        out.flush();
      }
    } finally {
      open.remove(response.body());
    }
  }

  private HttpRequest request(HttpExchange exchange) throws IOException {
    HttpRequest.Builder request = HttpRequest.newBuilder(
            server.resolve(exchange.getRequestURI().toString()))
        .method(
            exchange.getRequestMethod(),
            HttpRequest.BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()));
    for (Map.Entry<String, List<String>> header : exchange.getRequestHeaders().entrySet()) {
      if (!NOT_PASSED_ON.contains(header.getKey().toLowerCase(java.util.Locale.ROOT))) {
        header.getValue().forEach(value -> request.header(header.getKey(), value));
      }
    }
    return request.build();
  }

  private static void answer(HttpExchange exchange, String type, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", type);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "gateway");
    thread.setDaemon(true);
    return thread;
  }
}
