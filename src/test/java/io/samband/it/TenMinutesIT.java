package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import io.samband.testing.DocumentedProject;
import io.samband.testing.Http;
import io.samband.testing.ServerKind;
import io.samband.testing.TcpProxy;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/ten-minutes.md}, step by step, from its own code blocks. */
class TenMinutesIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** What the page's commands do not have: other ports, for a machine where the usual ones are taken. */
  private static final String PORTS = ServerKind.PAYARA_MICRO.isCurrent()
      ? "--port 8080"
      : "-Djboss.http.port=8080 -Djboss.https.port=0 -Djboss.management.http.port=0";

  private static final String SERVER =
      ServerKind.PAYARA_MICRO.isCurrent() ? "payara.sh" : "wildfly.sh";

  @TempDir
  Path work;

  @Test
  void anEventOfAnOwnModuleReachesAnOwnPageAlsoAfterARestart() {
    try (DocumentedProject project = new DocumentedProject(work);
        TcpProxy network = TcpProxy.to(project.base());
        Playwright playwright = Playwright.create();
        Browser chromium = Chromium.launch(playwright)) {
      project.run("build.sh");
      project.start(SERVER, PORTS);
      awaitReady(project);

      Page page = chromium.newPage();
      page.navigate(network.base().toString());
      shows(page, "#status", "connected");
      project.run("warn.sh");
      shows(page, "#warnings", "Kuling");

      // Nothing reaches the page until it is asked for: what is fired meanwhile can only be a
      // replay.
      network.cut();
      project.restart(SERVER, PORTS);
      awaitReady(project);
      project.run("warn.sh", "Kuling", "Storm");
      network.pass();
      shows(page, "#status", "connected");
      await()
          .pollInSameThread()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(page.locator("#warnings li").allTextContents())
              .containsExactly("Kuling", "Storm"));

      assertThat(project.run("replay.sh"))
          .contains("\"reset\":{")
          .containsSubsequence("{\"text\":\"Kuling\"}", "{\"text\":\"Storm\"}");
    }
  }

  private static void awaitReady(DocumentedProject project) {
    Http http = new Http(project.base());
    await().atMost(PATIENCE).until(() -> {
      if (!project.isRunning()) {
        throw new AssertionError("The server ended:\n" + project.log());
      }
      try {
        return http.get("api/health/ready").status() == 200;
      } catch (UncheckedIOException notListening) {
        return false;
      }
    });
  }

  private static void shows(Page page, String where, String text) {
    await()
        .pollInSameThread()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(page.locator(where).textContent().strip()).isEqualTo(text));
  }
}
