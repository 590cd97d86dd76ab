package io.samband.it;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/**
 * Chromium without Playwright, which makes every page believe that it is looked at: and a page that is looked
 * at is never frozen. Speaks the DevTools protocol over its WebSocket.
 */
final class RawChromium implements AutoCloseable {
  private static final Duration ANSWER = Duration.ofSeconds(20);

  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger calls = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();

  /** A tab of it. */
  final class Tab {
    private final String session;

    private Tab(String session) {
      this.session = session;
    }

    /** The value of a JavaScript expression, as JSON. */
    JsonValue evaluate(String expression) {
      return call(
              session, "Runtime.evaluate", Map.of("expression", expression, "returnByValue", true))
          .getJsonObject("result")
          .getOrDefault("value", JsonValue.NULL);
    }

    String text(String expression) {
      return evaluate("String(" + expression + ")").toString().replace("\"", "");
    }

    /** {@code frozen} or {@code active}. */
    void lifecycle(String state) {
      call(session, "Page.setWebLifecycleState", Map.of("state", state));
    }
  }

  RawChromium(List<String> arguments) {
    try {
      Path profile = Files.createTempDirectory(Path.of("target"), "chromium-");
      List<String> command = new ArrayList<>(List.of("/usr/bin/chromium", "--headless"));
      command.addAll(arguments);
      command.add("--remote-debugging-port=0");
      command.add("--user-data-dir=" + profile.toAbsolutePath());
      process = new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
      Path port = profile.resolve("DevToolsActivePort");
      Awaitility.await().atMost(ANSWER).until(() -> Files.exists(port) && Files.size(port) > 0);
      List<String> lines = Files.readAllLines(port);
      URI address = URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1));
      socket = HttpClient.newHttpClient()
          .newWebSocketBuilder()
          .buildAsync(address, new Listener())
          .join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Tab open(URI address) {
    String target =
        call(null, "Target.createTarget", Map.of("url", address.toString())).getString("targetId");
    String session = call(
            null, "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
        .getString("sessionId");
    return new Tab(session);
  }

  private JsonObject call(String session, String method, Map<String, Object> params) {
    int id = calls.incrementAndGet();
    CompletableFuture<JsonObject> answer = new CompletableFuture<>();
    answers.put(id, answer);
    var message = Json.createObjectBuilder()
        .add("id", id)
        .add("method", method)
        .add("params", Json.createObjectBuilder(params));
    if (session != null) {
      message.add("sessionId", session);
    }
    socket.sendText(message.build().toString(), true).join();
    JsonObject answered = answer.orTimeout(ANSWER.toSeconds(), TimeUnit.SECONDS).join();
    if (answered.containsKey("error")) {
      throw new IllegalStateException(method + ": " + answered.get("error"));
    }
    return answered.getJsonObject("result");
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
          if (message.containsKey("id")) {
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
