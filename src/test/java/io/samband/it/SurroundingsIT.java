package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Playwright;
import io.samband.testing.Gateway;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.Rounds;
import io.samband.testing.TcpProxy;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What surrounds a page and may mislead it: a clock that is set, a gateway that wants a login, a service worker with a
 * cache, and a browser that puts the page away and brings it back.
 */
class SurroundingsIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration AGAIN = Duration.ofSeconds(80);

  /** A clock that a test sets, in milliseconds of difference to the true one; timers do not notice. */
  private static final String CLOCK = """
      (() => {
        const True = Date;
        window.clockSkew = 0;
        window.Date = class extends True {
          constructor(...given) {
            super(...(given.length ? given : [True.now() + window.clockSkew]));
          }
          static now() {
            return True.now() + window.clockSkew;
          }
        };
      })();
      """;

  /** Asks the network first, and answers from its cache if that fails, as recipes for offline pages do. */
  private static final String SERVICE_WORKER = """
      addEventListener("install", () => skipWaiting());
      addEventListener("activate", (event) => event.waitUntil(clients.claim()));
      addEventListener("fetch", (event) => {
        if (!event.request.url.includes("/api/sse/poll")) return;
        event.respondWith(
          (async () => {
            const cache = await caches.open("polls");
            try {
              const answer = await fetch(event.request);
              await cache.put(event.request, answer.clone());
              return answer;
            } catch (error) {
              const old = await cache.match(event.request, { ignoreSearch: true });
              if (old) return old;
              throw error;
            }
          })(),
        );
      });
      """;

  private static Playwright playwright;
  private static Browser chromium;

  private final LiveServer server = LiveServer.shared();
  private final Http http = server.http();
  private BrowserContext browser;

  @BeforeAll
  static void startBrowser() {
    Rounds.onceInABuild();
    playwright = Playwright.create();
    chromium = Chromium.launch(playwright);
  }

  @AfterAll
  static void stopBrowser() {
    if (playwright != null) {
      playwright.close();
    }
  }

  @BeforeEach
  void newBrowserProfile() {
    browser = chromium.newContext();
  }

  @AfterEach
  void closeTabs() {
    browser.close();
  }

  @Test
  void aClockThatIsSetByADayNeitherHidesASilentServerNorEndsAConnection() {
    browser.addInitScript(CLOCK);
    try (TcpProxy proxy = TcpProxy.to(server.base())) {
      List<ConsoleTab> tabs = List.of(
          ConsoleTab.connected(browser, proxy.base()), ConsoleTab.connected(browser, proxy.base()));
      for (int days : List.of(-1, 1)) {
        long live = Publishing.publishOne(http);
        tabs.forEach(tab -> tab.awaitOffset(live, SOON));
        proxy.blackHole();
        // Nothing comes between the step and the silence, so that only the step could hide it.
        for (ConsoleTab tab : tabs) {
          tab.page().evaluate("days => { clockSkew = days * 86_400_000; }", days);
        }
        long missed = Publishing.publishOne(http);
        tabs.forEach(tab -> tab.awaitStatus("reconnecting", SOON));
        proxy.cutConnections();
        proxy.pass();
        tabs.forEach(tab -> tab.awaitStatus("connected", AGAIN));
        tabs.forEach(tab -> tab.heardAllUpTo(missed));
      }
      tabs.forEach(tab -> assertThat(afterTheFirstConnect(tab.said()))
          .containsExactly("reconnecting", "connected", "reconnecting", "connected"));
    }
  }

  private static List<String> afterTheFirstConnect(List<String> said) {
    return said.subList(said.indexOf("connected") + 1, said.size());
  }

  @Test
  void aLoginPageInPlaceOfTheApiIsCalledByItsNameAndSeldomAskedFor() {
    try (Gateway gateway = Gateway.to(server.base())) {
      ConsoleTab tab = ConsoleTab.connected(browser, gateway.base());
      tab.awaitOffset(Publishing.publishOne(http), SOON);

      gateway.signsOut();
      tab.awaitStatus("disconnected", AGAIN);
      assertThat(tab.page().evaluate("samband.store.getState().refusal")).isEqualTo("sign_in");
      int logins = gateway.logins();
      Awaitility.await()
          .pollInSameThread()
          .during(Rounds.of(Duration.ofSeconds(10), Duration.ofSeconds(110)))
          .atMost(Duration.ofMinutes(2))
          .until(() -> gateway.logins() <= logins + 2);

      gateway.signsIn();
      long missed = Publishing.publishOne(http);
      tab.page().evaluate("dispatchEvent(new Event('online'))");
      tab.awaitStatus("connected", SOON);
      tab.heardAllUpTo(missed);
    }
  }

  @Test
  void anOldAnswerFromTheCacheOfAServiceWorkerIsNoProofOfLife() {
    try (Gateway gateway = Gateway.to(server.base());
        TcpProxy proxy = TcpProxy.to(gateway.base())) {
      gateway.servesScript("/service-worker.js", SERVICE_WORKER);
      ConsoleTab tab = ConsoleTab.connected(browser, proxy.base().resolve("?developer"));
      tab.page().evaluate("""
          async () => {
            const controlled = new Promise((done) => {
              navigator.serviceWorker.oncontrollerchange = done;
            });
            await navigator.serviceWorker.register("/service-worker.js");
            await controlled;
          }""");
      tab.find("debug-toggle").press("Enter");
      tab.find("force-polling").check();
      tab.awaitStatus("polling", SOON);
      tab.awaitOffset(Publishing.publishOne(http), SOON);

      proxy.cut();
      tab.awaitStatus("disconnected", SOON);
      proxy.pass();
      tab.awaitStatus("polling", SOON);
      tab.find("force-polling").uncheck();
      tab.awaitStatus("connected", SOON);
      tab.heardAllUpTo(Publishing.publishOne(http));
    }
  }

  @Test
  void aPageThatComesBackFromTheBackForwardCacheGoesOnWhereItWas() {
    try (RawChromium raw = new RawChromium(Chromium.ARGUMENTS)) {
      RawChromium.Tab tab = raw.open(server.base());
      tab.awaitStatus("connected");
      tab.awaitOffset(Publishing.publishOne(http));
      tab.text("window.sameDocument = true");

      tab.navigate(server.base().resolve("client/samband-client.js"));
      Awaitility.await().atMost(SOON).until(() -> tab.text("!window.samband").equals("true"));
      long missed = Publishing.publishOne(http);
      tab.text("history.back()");
      tab.heardAllUpTo(missed);
      assertThat(tab.text("window.sameDocument")).as("came from the cache").isEqualTo("true");
      tab.awaitStatus("connected");
      tab.heardAllUpTo(Publishing.publishOne(http));
    }
  }
}
