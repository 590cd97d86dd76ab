package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.OutsideModule;
import io.samband.testing.RawStream;
import io.samband.testing.ServerKind;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Way 1 of {@code docs/modules.md}: {@code samband.jar} in a WAR of another team, below a context root, beside a JAX-RS
 * application that has the same path and takes whatever classes it finds, and beside a filter on all paths.
 */
@Tag("core")
class OwnWarIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir
  private static Path work;

  private static LiveServer server;
  private static Http http;

  @BeforeAll
  static void start() {
    // The WAR that is refused has the same log, and would wait for it a minute.
    server = LiveServer.startBare(
        Map.of("samband.http.path", "/push", "samband.data.wait-millis", "1000"));
    server.deployBeside("weather", new OutsideModule(work).ownWar());
    http = new Http(server.base().resolve("weather/"));
    await().atMost(LIMIT).until(() -> {
      try {
        return http.get("push/health/ready").status() == 200;
      } catch (UncheckedIOException e) {
        return false;
      }
    });
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void anEventOfItsModuleReachesItsPage() {
    try (Playwright playwright = Playwright.create();
        Browser chromium = Chromium.launch(playwright);
        Page page = chromium.newPage();
        RawStream stream = server.stream("weather/push/sse")) {
      page.navigate(server.base() + "weather/");
      PlaywrightAssertions.assertThat(page.locator("#status")).hasText("connected");
      stream.next();
      assertThat(http.send("POST", "push/desk?text=Kuling", null).status()).isEqualTo(204);
      assertThat(stream.nextEvent().data())
          .startsWith("{\"type\":\"weather_warning\",\"data\":{\"text\":\"Kuling\"}");
      PlaywrightAssertions.assertThat(page.locator("#warnings")).containsText("Kuling");
    }
  }

  /** Once each, in order, in a thread in which it can use a transaction. */
  @Test
  void itsModuleIsToldOfSubscribers() {
    try (RawStream stream = server.stream("weather/push/sse", "User-Agent", "desk-1")) {
      stream.next();
      await().atMost(LIMIT).until(() -> subscribers().contains("arrived desk-1"));
    }
    await().atMost(LIMIT).until(() -> {
      // What is written to the stream finds out that its client is gone.
      http.send("POST", "push/sse/test", null);
      return subscribers().contains("left desk-1");
    });
    assertThat(subscribers().stream().filter(each -> each.endsWith("desk-1")))
        .containsExactly("arrived desk-1", "left desk-1");
    assertThat(subscribers()).allMatch(each -> each.matches("(arrived|left) .*"));
  }

  private static List<String> subscribers() {
    return http.get("push/desk").body().lines().toList();
  }

  @Test
  void itsOwnCallsAreAnsweredInItsOwnWay() {
    Http.Answer answer = http.get("push/desk");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("X-Desk")).isEqualTo("yes");
    assertThat(answer.header("X-Desk-Call")).isEqualTo("yes");
    assertThat(answer.header("Content-Security-Policy")).isEmpty();
    assertThat(answer.header("Cache-Control")).isNotEqualTo("no-store");
    assertThat(http.get("push/desk/fail").body()).isEqualTo("desk: 418");
    assertThat(http.get("push/nothing").body()).isEqualTo("desk: 404");
    assertThat(http.get("index.html").header("Content-Security-Policy")).isEmpty();
  }

  @Test
  void sambandsCallsAreAnsweredWithoutItsClasses() {
    Http.Answer answer = http.get("push/sse/poll?limit=none");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
    assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    assertThat(answer.header("X-Desk")).isEmpty();
    assertThat(answer.header("X-Desk-Call")).isEmpty();
    Http.Answer missing = http.get("push/sse/nothing");
    assertThat(missing.status()).isEqualTo(404);
    assertThat(missing.header("Content-Type")).startsWith("application/problem+json");
    assertThat(http.get("push/metrics").body()).contains("samband_");
    assertThat(http.get("client/samband-client.js").header("Cache-Control")).isEqualTo("no-cache");
  }

  @Test
  void aFilterThatWouldPreventAStreamIsNamedAsTheCause() {
    Http.Answer answer = http.head("push/sse/");
    if (ServerKind.WILDFLY.isCurrent()) {
      assertThat(answer.status()).isEqualTo(500);
      assertThat(http.get("push/sse/").body()).contains("asyncSupported = true");
    } else {
      // There a request that is forwarded is not asked about filters that it does not reach.
      assertThat(answer.status()).isEqualTo(200);
    }
  }

  @Test
  void pagesOfOtherOriginsAreRefusedAtSambandsCallsOnly() {
    String[] foreign = {"Origin", "https://elsewhere.example"};
    assertThat(http.get("push/sse/poll", foreign).status()).isEqualTo(403);
    assertThat(http.get("push/sse;x=1/poll", foreign).status()).isNotEqualTo(200);
    assertThat(http.get("push/desk", foreign).status()).isEqualTo(200);
  }

  @Test
  void aWarThatGetsTheServersLibrariesIsRefusedAndToldWhatToDo(@TempDir Path other) {
    assumeTrue(
        ServerKind.current().isOfGlassFish() && !ServerKind.GLASSFISH.isCurrent(),
        "the others give a WAR its own libraries, or have none of the same name");
    Path war = new OutsideModule(other).ownWarWithoutDescriptor();
    assertThatThrownBy(() -> server.deployBeside("plain", war))
        .isInstanceOf(LiveServer.DeploymentFailed.class)
        .hasMessageContaining("<class-loader delegate=\"false\"/>");
  }

  /** Past the guard: the application has found our resources, and would serve them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.samband/io.samband/sse/poll",
        "io.samband/io.samband/health/ready",
        "push/io.samband/sse/poll",
        "push/io.samband/metrics",
        "push/io%2Esamband/sse/poll",
        "push/io.samband%2Fsse%2Fpoll",
        "push/io.samband;x=1/sse/poll",
        "push;x=1/io.samband/sse/poll",
        "push//io.samband/sse/poll",
        "push/io.samband//sse/poll",
        "push/desk/../io.samband/sse/poll",
        "push/sse/../io.samband/sse/poll",
        "api/sse/poll"
      })
  void sambandsCallsAreServedAtNoOtherPath(String path) {
    Http.Answer answer = http.get(path);
    assertThat(answer.status()).as(answer.body()).isIn(400, 404);
  }
}
