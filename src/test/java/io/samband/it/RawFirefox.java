package io.samband.it;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Firefox, as Debian packages it, spoken to in WebDriver BiDi. */
final class RawFirefox implements AutoCloseable {
  /** No calls to anybody else, and nothing that opens by itself. */
  private static final String PREFERENCES = """
      user_pref("app.normandy.enabled", false);
      user_pref("app.update.disabledForTesting", true);
      user_pref("browser.safebrowsing.malware.enabled", false);
      user_pref("browser.safebrowsing.phishing.enabled", false);
      user_pref("browser.shell.checkDefaultBrowser", false);
      user_pref("datareporting.policy.dataSubmissionEnabled", false);
      user_pref("extensions.getAddons.cache.enabled", false);
      user_pref("network.captive-portal-service.enabled", false);
      user_pref("network.connectivity-service.enabled", false);
      user_pref("services.settings.server", "data:,none");
      user_pref("toolkit.telemetry.server", "data:,none");
      """;

  private final RemoteBrowser browser;

  /** A tab of it. */
  final class Tab extends RawConsole {
    private final String context;

    private Tab(String context) {
      this.context = context;
    }

    @Override
    String text(String expression) {
      JsonObject answer = browser.call(
          "script.evaluate",
          Map.of(
              "expression",
              "String(" + expression + ")",
              "target",
              Map.of("context", context),
              "awaitPromise",
              false));
      if (!answer.getString("type").equals("success")) {
        throw new IllegalStateException(expression + ": " + answer);
      }
      return answer.getJsonObject("result").getString("value");
    }

    void close() {
      browser.call("browsingContext.close", Map.of("context", context));
    }
  }

  RawFirefox() {
    try {
      Path profile = Files.createTempDirectory(Path.of("target"), "firefox-").toAbsolutePath();
      Files.writeString(profile.resolve("user.js"), PREFERENCES);
      List<String> command = List.of(
          "/usr/bin/firefox-esr",
          "--headless",
          "--no-remote",
          "--remote-debugging-port=0",
          "--profile",
          profile.toString());
      Path address = profile.resolve("WebDriverBiDiServer.json");
      browser = new RemoteBrowser(command, profile.resolve("output.log"), () -> address(address));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    browser.call("session.new", Map.of("capabilities", Map.of()));
  }

  private static URI address(Path file) {
    try {
      String text = Files.exists(file) ? Files.readString(file) : "";
      if (!text.contains("}")) {
        return null;
      }
      try (var reader = Json.createReader(new StringReader(text))) {
        JsonObject address = reader.readObject();
        return URI.create(
            "ws://" + address.getString("ws_host") + ":" + address.getInt("ws_port") + "/session");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Tab open(URI address) {
    String context =
        browser.call("browsingContext.create", Map.of("type", "tab")).getString("context");
    browser.call(
        "browsingContext.navigate",
        Map.of("context", context, "url", address.toString(), "wait", "complete"));
    return new Tab(context);
  }

  @Override
  public void close() {
    browser.close();
  }
}
