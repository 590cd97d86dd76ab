package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.Cookie;
import com.microsoft.playwright.options.SameSiteAttribute;
import io.samband.testing.RealProxy;
import io.samband.testing.Rounds;
import io.samband.testing.SecuredServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The recipe "a cookie by a login application" of docs/security.md, in a real browser behind a real proxy: the test sets the cookie as
 * such an application does.
 */
class SignInIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration AFTER_A_PAUSE = Duration.ofSeconds(90);

  private SecuredServer secured;
  private RealProxy proxy;
  private BrowserContext browser;

  @Test
  void aCookieSignsInIsRenewedChangesHandsAndVanishes() {
    Rounds.onceInABuild();
    try (SecuredServer server = new SecuredServer(Map.of(
            "samband.auth.jwt.clock-skew-millis", "0",
            "samband.http.hosts", "127.0.0.1,localhost",
            "samband.http.trusted-proxies", "127.0.0.1"));
        RealProxy nginx =
            RealProxy.overTls(RealProxy.Kind.NGINX, server.server().base());
        Playwright playwright = Playwright.create(new Playwright.CreateOptions()
            .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser chromium = Chromium.launch(playwright);
        BrowserContext context =
            chromium.newContext(new Browser.NewContextOptions().setIgnoreHTTPSErrors(true))) {
      secured = server;
      proxy = nginx;
      browser = context;

      isRefusedWithoutACookie();
      ConsoleTab tab = signsIn();
      ConsoleTab other = ConsoleTab.connected(browser, proxy.base());
      isRenewed(tab);
      changesHands(tab, other);
      vanishes(tab);
    }
  }

  /** As a login application sets it. */
  private Instant cookie(String user, int seconds) {
    Instant end = Instant.ofEpochSecond(Instant.now().getEpochSecond() + seconds);
    Map<String, Object> claims = secured.mint().claims(Instant.now());
    claims.put("sub", user);
    claims.put("exp", end.getEpochSecond());
    browser.addCookies(List.of(new Cookie("__Host-samband", secured.mint().token(claims))
        .setUrl(proxy.base().toString())
        .setSecure(true)
        .setHttpOnly(true)
        .setSameSite(SameSiteAttribute.STRICT)));
    return end;
  }

  private void isRefusedWithoutACookie() {
    ConsoleTab tab = ConsoleTab.open(browser, proxy.base());
    tab.awaitStatus("disconnected", SOON);
    assertThat(state(tab, "refusal")).isEqualTo("sign_in");
    picture(tab, "without-cookie");
    tab.page().close();
  }

  private ConsoleTab signsIn() {
    cookie("kari", 15);
    ConsoleTab tab = ConsoleTab.connected(browser, proxy.base());
    assertThat(tab.find("signed-in").textContent()).contains("kari");
    secured.publish("{\"type\":\"event_created\",\"data\":{\"id\":17}}");
    secured.publish(
        "{\"type\":\"event_created\",\"data\":{\"id\":18},\"audience\":[\"user:kari\"]}");
    awaitRecent(tab, "18");
    picture(tab, "signed-in");
    return tab;
  }

  private void isRenewed(ConsoleTab tab) {
    tab.page()
        .evaluate(
            "() => { window.seen = []; samband.store.subscribe((s) => seen.push(s.status)); }");
    Instant end = cookie("kari", 600);
    Instant first = Instant.now().plusSeconds(18);
    await().atMost(Duration.ofSeconds(40)).until(() -> Instant.now().isAfter(first));
    assertThat(end).isAfter(Instant.now());
    assertThat(tab.page().evaluate("() => seen.every((status) => status === 'connected')"))
        .as("no other status while the stream was renewed")
        .isEqualTo(true);
    assertThat(state(tab, "status")).isEqualTo("connected");
  }

  private void changesHands(ConsoleTab tab, ConsoleTab other) {
    cookie("per", 600);
    revoke("kari");
    for (ConsoleTab each : List.of(tab, other)) {
      each.page()
          .waitForFunction(
              "() => samband.store.getState().identity?.name === 'per'",
              null,
              new Page.WaitForFunctionOptions().setTimeout((double) SOON.toMillis()));
      each.awaitStatus("connected", SOON);
    }
    await()
        .atMost(SOON)
        .pollInSameThread()
        .untilAsserted(() -> assertThat(tab.page().content()).doesNotContain("\"id\":18"));
    assertThat(tab.find("signed-in").textContent()).contains("per");
  }

  private void vanishes(ConsoleTab tab) {
    browser.clearCookies();
    revoke("per");
    tab.awaitStatus("disconnected", AFTER_A_PAUSE);
    assertThat(state(tab, "refusal")).isEqualTo("sign_in");
    picture(tab, "cookie-gone");
  }

  private void revoke(String user) {
    secured
        .http()
        .send(
            "DELETE",
            "api/sse/connections?user=" + user,
            null,
            "Authorization",
            secured.operator());
  }

  private static void awaitRecent(ConsoleTab tab, String id) {
    await().atMost(SOON).pollInSameThread().until(() -> tab.page().content().contains(id));
  }

  private static Object state(ConsoleTab tab, String member) {
    return tab.page().evaluate("(name) => samband.store.getState()[name]", member);
  }

  private static void picture(ConsoleTab tab, String name) {
    tab.page()
        .screenshot(new Page.ScreenshotOptions()
            .setPath(Path.of("target", "screenshots", "sign-in-" + name + ".png")));
  }
}
