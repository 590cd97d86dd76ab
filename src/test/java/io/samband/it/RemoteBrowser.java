package io.samband.it;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.awaitility.Awaitility;

/**
 * A browser in a process of its own, driven by numbered calls over a WebSocket. The DevTools protocol of Chromium and
 * WebDriver BiDi of Firefox share this form of message.
 */
final class RemoteBrowser implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofSeconds(30);

  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger calls = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();

  /**
   * Starts the browser and connects to it.
   *
   * @param log takes what the process prints
   * @param address where the browser listens, or null as long as it does not say so
   */
  RemoteBrowser(List<String> command, Path log, Supplier<URI> address) {
    try {
      process = new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(log.toFile())
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    AtomicReference<URI> found = new AtomicReference<>();
    Awaitility.await().atMost(START).until(() -> {
      found.set(address.get());
      return found.get() != null;
    });
    socket = HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .buildAsync(found.get(), new Listener())
        .join();
  }

  /** Calls with members of the message beside {@code id}, {@code method} and {@code params}. */
  JsonObject call(String method, Map<String, Object> params, Map<String, Object> beside) {
    int id = calls.incrementAndGet();
    CompletableFuture<JsonObject> answer = new CompletableFuture<>();
    answers.put(id, answer);
    JsonObjectBuilder message = Json.createObjectBuilder(beside)
        .add("id", id)
        .add("method", method)
        .add("params", Json.createObjectBuilder(params));
    socket.sendText(message.build().toString(), true).join();
    JsonObject answered = answer.orTimeout(ANSWER.toSeconds(), TimeUnit.SECONDS).join();
    if (answered.containsKey("error")) {
      throw new IllegalStateException(method + ": " + answered);
    }
    return answered.getJsonObject("result");
  }

  JsonObject call(String method, Map<String, Object> params) {
    return call(method, params, Map.of());
  }

  @Override
  public void close() {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        try (var reader = Json.createReader(new StringReader(text.toString()))) {
          JsonObject message = reader.readObject();
          if (message.containsKey("id") && !message.isNull("id")) {
            answers.remove(message.getInt("id")).complete(message);
          }
        }
        text.setLength(0);
      }
      from.request(1);
      return null;
    }
  }
}
