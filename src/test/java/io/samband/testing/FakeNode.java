package io.samband.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands for one node of several behind a load balancer: says what a test wants, and counts what it is asked. Its streams
 * end after {@code hello}.
 *
 * <p>All methods may be called from any thread.
 */
public final class FakeNode implements AutoCloseable {
  /** A header of all its answers, which are not those of a node. */
  static final String MARK = "X-Fake-Node";

  private final HttpServer listener;
  private final ExecutorService threads = Executors.newCachedThreadPool(FakeNode::daemon);
  private final AtomicInteger streams = new AtomicInteger();
  private final AtomicInteger polls = new AtomicInteger();
  private final AtomicInteger publications = new AtomicInteger();
  private volatile boolean ready = true;
  private volatile boolean full;
  private volatile boolean judges = true;
  private volatile boolean breaks;

  public FakeNode() {
    try {
      listener = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    listener.setExecutor(threads);
    listener.createContext("/", this::serve);
    listener.start();
  }

  public URI base() {
    return URI.create("http://127.0.0.1:" + listener.getAddress().getPort() + "/");
  }

  /** As a node that has been cut off from the log for 10 s: not ready, but it still takes streams. */
  public FakeNode isNotReady() {
    ready = false;
    return this;
  }

  /** The limit of streams is reached. */
  public FakeNode isFull() {
    full = true;
    return this;
  }

  /** Polls get 503: the cursor cannot be judged without the log. */
  public FakeNode cannotJudgeCursors() {
    judges = false;
    return this;
  }

  /** Reads publications, and breaks the connection instead of answering. */
  public FakeNode breaksAtPublications() {
    breaks = true;
    return this;
  }

  /** How many streams it was asked for. */
  public int streams() {
    return streams.get();
  }

  /** How many polls it was asked for. */
  public int polls() {
    return polls.get();
  }

  /** How many publications it has read to their end. */
  public int publications() {
    return publications.get();
  }

  @Override
  public void close() {
    listener.stop(0);
    threads.shutdownNow();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      switch (exchange.getRequestURI().getPath()) {
        case "/api/health/ready" -> answer(exchange, ready ? 200 : 503, "application/json", "{}");
        case "/api/sse" -> {
          streams.incrementAndGet();
          if (full) {
            answer(exchange, 503, "application/problem+json", "{}");
          } else {
            answer(
                exchange, 200, "text/event-stream", "id: 00000000-0\nevent: hello\ndata: {}\n\n");
          }
        }
        case "/api/sse/poll" -> {
          polls.incrementAndGet();
          answer(exchange, judges ? 200 : 503, "application/json", "{}");
        }
        case "/api/sse/events" -> {
          publications.incrementAndGet();
          if (!breaks) {
            answer(exchange, 202, "application/json", "{}");
          }
        }
        default -> answer(exchange, 404, "application/problem+json", "{}");
      }
    }
  }

  private static void answer(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set(MARK, "true");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "fake-node");
    thread.setDaemon(true);
    return thread;
  }
}
