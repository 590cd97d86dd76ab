package io.samband.it;

import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.OutsideModule;
import io.samband.testing.TcpProxy;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code samband.jar} in a WAR of another team, which is deployed anew while the server runs. */
@Tag("core")
class OwnWarRedeployIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir
  private Path work;

  @Test
  void whatAPageHasMissedMeanwhileItGetsAfterwards() {
    Path war = new OutsideModule(work).ownWarForTheRoot();
    try (LiveServer server = LiveServer.startBare(Map.of("samband.http.path", "/push"));
        TcpProxy network = TcpProxy.to(server.base());
        Playwright playwright = Playwright.create();
        Browser chromium = Chromium.launch(playwright)) {
      deploy(server, war);
      Page page = chromium.newPage();
      page.navigate(network.base().toString());
      PlaywrightAssertions.assertThat(page.locator("#status")).hasText("connected");
      warn(server, "Kuling");
      shows(page, "Kuling");

      // So that the page can get the second one by a replay only.
      network.cut();
      server.undeploy();
      deploy(server, war);
      warn(server, "Storm");
      network.pass();

      shows(page, "Kuling", "Storm");
    }
  }

  private static void deploy(LiveServer server, Path war) {
    server.deploy(war);
    await().atMost(LIMIT).until(() -> {
      try {
        return server.http().get("push/health/ready").status() == 200;
      } catch (UncheckedIOException e) {
        return false;
      }
    });
  }

  private static void warn(LiveServer server, String text) {
    Http.Answer answer = server.http().send("POST", "push/desk?text=" + text, null);
    if (answer.status() != 204) {
      throw new AssertionError(answer.body());
    }
  }

  private static void shows(Page page, String... warnings) {
    PlaywrightAssertions.assertThat(page.locator("#warnings li"))
        .hasText(
            warnings, new LocatorAssertions.HasTextOptions().setTimeout((double) LIMIT.toMillis()));
  }
}
