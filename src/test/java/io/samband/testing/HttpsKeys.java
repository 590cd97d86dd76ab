package io.samband.testing;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The JWKS of an issuer at an https URL of this machine, with the certificate of {@link LoopbackCertificate}. It counts its
 * fetches, and can fail in every way that is known.
 *
 * <p>All methods may be called from any thread.
 */
public final class HttpsKeys implements AutoCloseable {
  /** What a fetch gets. */
  public enum Answer {
    KEYS,
    /** The keys, after {@link #SLOW_MILLIS}. */
    SLOW_KEYS,
    ERROR_500,
    /** Redirects to a path of the same server that has the keys. */
    REDIRECT,
    /** A login page with status 200. */
    HTML,
    /** 2 MiB of JSON. */
    TOO_LARGE
  }

  public static final long SLOW_MILLIS = 1_500;

  private static final String REDIRECTED = "/moved";

  private final int port = Ports.free();
  private final ExecutorService threads = Executors.newCachedThreadPool(HttpsKeys::daemon);
  private final AtomicInteger fetches = new AtomicInteger();
  private final AtomicInteger redirected = new AtomicInteger();
  private volatile Answer answer = Answer.KEYS;
  private volatile JWKSet keys;
  private HttpsServer listener;

  private HttpsKeys(List<JWK> keys) {
    this.keys = new JWKSet(keys);
  }

  /** A running server that publishes the public parts of these keys. */
  public static HttpsKeys of(JWK... keys) {
    HttpsKeys server = new HttpsKeys(List.of(keys));
    server.comesUp();
    return server;
  }

  /** One whose port is closed until {@link #comesUp}. */
  public static HttpsKeys down(JWK... keys) {
    return new HttpsKeys(List.of(keys));
  }

  public URI url() {
    return URI.create("https://localhost:" + port + "/jwks.json");
  }

  /** Rotates the keys. */
  public void publishes(JWK... newKeys) {
    keys = new JWKSet(List.of(newKeys));
  }

  public void answers(Answer newAnswer) {
    answer = newAnswer;
  }

  public synchronized void comesUp() {
    try {
      listener =
          HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      listener.setHttpsConfigurator(new HttpsConfigurator(LoopbackCertificate.tls()));
      listener.setExecutor(threads);
      listener.createContext("/", this::serve);
      listener.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Closes the port, as when the issuer is down. */
  public synchronized void goesDown() {
    if (listener != null) {
      listener.stop(0);
      listener = null;
    }
  }

  /** How often the keys were asked for. */
  public int fetches() {
    return fetches.get();
  }

  /** How often somebody followed the redirect. */
  public int redirected() {
    return redirected.get();
  }

  @Override
  public void close() {
    goesDown();
    threads.shutdownNow();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (exchange.getRequestURI().getPath().equals(REDIRECTED)) {
        redirected.incrementAndGet();
        send(exchange, 200, keys.toString(true));
        return;
      }
      fetches.incrementAndGet();
      switch (answer) {
        case KEYS -> send(exchange, 200, keys.toString(true));
        case SLOW_KEYS -> {
          Thread.sleep(SLOW_MILLIS);
          send(exchange, 200, keys.toString(true));
        }
        case ERROR_500 -> send(exchange, 500, keys.toString(true));
        case REDIRECT -> {
          exchange.getResponseHeaders().add("Location", REDIRECTED);
          send(exchange, 302, keys.toString(true));
        }
        case HTML -> send(exchange, 200, "<!doctype html><title>Log in</title>");
        case TOO_LARGE -> send(exchange, 200, "{\"keys\":[" + " ".repeat(2 << 20) + "]}");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "https-keys");
    thread.setDaemon(true);
    return thread;
  }
}
