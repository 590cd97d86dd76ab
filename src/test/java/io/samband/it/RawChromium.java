package io.samband.it;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Chromium without Playwright, which makes every page believe that it is visible: a visible page is never frozen.
 * Speaks the DevTools protocol.
 */
final class RawChromium implements AutoCloseable {
  private final RemoteBrowser browser;

  /** A tab of it. */
  final class Tab extends RawConsole {
    private final String session;

    private Tab(String session) {
      this.session = session;
    }

    @Override
    String text(String expression) {
      JsonObject result = call(
              session,
              "Runtime.evaluate",
              Map.of("expression", "String(" + expression + ")", "returnByValue", true))
          .getJsonObject("result");
      return result.getString("value", "");
    }

    void navigate(URI address) {
      call(session, "Page.navigate", Map.of("url", address.toString()));
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
      Path port = profile.resolve("DevToolsActivePort");
      browser = new RemoteBrowser(command, profile.resolve("output.log"), () -> address(port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static URI address(Path port) {
    try {
      List<String> lines = Files.exists(port) ? Files.readAllLines(port) : List.of();
      return lines.size() < 2 ? null : URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Tab open(URI address) {
    String target = browser
        .call("Target.createTarget", Map.of("url", address.toString()))
        .getString("targetId");
    String session = browser
        .call("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
        .getString("sessionId");
    return new Tab(session);
  }

  private JsonObject call(String session, String method, Map<String, Object> params) {
    return browser.call(method, params, Map.of("sessionId", session));
  }

  @Override
  public void close() {
    browser.close();
  }
}
