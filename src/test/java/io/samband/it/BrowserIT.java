package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Playwright;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import io.samband.testing.Rounds;
import io.samband.testing.TcpProxy;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The console page in a real browser, against a real server, over a network that is really cut. */
class BrowserIT {
  private static final Duration SOON = Duration.ofSeconds(10);

  /** Five attempts of 2, 4, 8, 16 and 16 s at most, each up to 5 s long where nothing answers. */
  private static final Duration FIVE_ATTEMPTS = Duration.ofSeconds(80);

  /** Two and a half keepalives of {@link LiveServer#SHARED_SETTINGS}. */
  private static final Duration WATCHDOG = Duration.ofSeconds(5);

  private static Playwright playwright;
  private static Browser chromium;

  private final LiveServer server = LiveServer.shared();
  private final Http http = server.http();
  private final String agent = "samband-it-" + UUID.randomUUID();
  private BrowserContext browser;

  @BeforeAll
  static void startBrowser() {
    // TenMinutesIT, OwnWarIT and FrozenTabIT have a page on each server, RestartIT and DrainIT
    // restart each.
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
    browser = chromium.newContext(new Browser.NewContextOptions().setUserAgent(agent));
  }

  @AfterEach
  void closeTabs() {
    browser.close();
  }

  @Test
  void tenTabsHaveOneConnectionAndMissNothingWhileLeadersCloseCrashAndHang() {
    List<ConsoleTab> tabs = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      tabs.add(ConsoleTab.connected(browser, server.base()));
    }
    assertThat(connections(http)).isEqualTo(1);

    try (Publishing publishing = new Publishing(http)) {
      tabs.forEach(tab -> tab.awaitOffset(1, SOON));

      takeOver("closes", tabs, tab -> tab.page().close(), Duration.ofSeconds(4));
      takeOver("crashes", tabs, ConsoleTab::crash, Duration.ofSeconds(6));
      ConsoleTab hung = leader(tabs);
      takeOver("hangs", tabs, tab -> tab.hang(Duration.ofSeconds(14)), Duration.ofSeconds(12));

      // The one that hung wakes up, closes its stream and is told what it missed.
      hung.await("[data-testid=connection-badge][data-role=follower]", Duration.ofSeconds(20));
      tabs.add(hung);
      long last = publishing.stop();
      tabs.forEach(tab -> tab.heardAllUpTo(last));
    }
    tabs.forEach(tab -> assertThat(tab.status()).isEqualTo("connected"));
    Awaitility.await().atMost(SOON).until(() -> connections(http) == 1);
  }

  /** The leader leaves; another must lead, and nobody may wait longer than {@code limit} for an event. */
  private static void takeOver(
      String how, List<ConsoleTab> tabs, Consumer<ConsoleTab> leave, Duration limit) {
    ConsoleTab leader = leader(tabs);
    tabs.remove(leader);
    tabs.get(0).watchPauses();
    leave.accept(leader);
    Awaitility.await()
        .pollInSameThread()
        .atMost(Duration.ofSeconds(15))
        .until(() -> tabs.stream().anyMatch(ConsoleTab::leads));
    leader(tabs).awaitStatus("connected", SOON);
    tabs.get(0).awaitStatus("connected", SOON);
    Duration pause = tabs.get(0).longestPause();
    System.out.println(
        "The leader " + how + ": nobody heard anything for " + pause.toMillis() + " ms");
    assertThat(pause).isLessThan(limit);
  }

  private static ConsoleTab leader(List<ConsoleTab> tabs) {
    return tabs.stream().filter(ConsoleTab::leads).findFirst().orElseThrow();
  }

  @Test
  void aServerThatRestartsCostsNoEventAndTheBadgeSaysSo() {
    try (LiveServer own = LiveServer.start(LiveServer.SHARED_SETTINGS)) {
      ConsoleTab tab = ConsoleTab.connected(browser, own.base());
      ConsoleTab other = ConsoleTab.connected(browser, own.base());
      Publishing.publishOne(own.http());
      tab.awaitOffset(1, SOON);

      long killedAt = System.currentTimeMillis();
      own.kill9();
      tab.awaitStatus("reconnecting", SOON);
      assertThat(tab.saidAt("reconnecting")).isBetween(killedAt, killedAt + SOON.toMillis());
      assertThat(tab.find("stale-notice").getAttribute("data-stale")).isEqualTo("true");
      own.restart();
      long last = Publishing.publishOne(own.http());
      tab.awaitStatus("connected", FIVE_ATTEMPTS);
      other.awaitStatus("connected", SOON);
      tab.heardAllUpTo(last);
      other.heardAllUpTo(last);

      assertThat(tab.said().subList(0, 2)).containsExactly("connected", "reconnecting");
      // Only what is true may come in between: a slow start outlasts five attempts.
      assertThat(tab.said().subList(2, tab.said().size() - 1))
          .allMatch(status -> List.of("disconnected", "polling").contains(status));
      assertThat(other.status()).isEqualTo("connected");
    }
  }

  @Test
  void aBlackHoleIsFoundByTheWatchdogAndLeftWithoutALostEvent() {
    try (TcpProxy proxy = TcpProxy.to(server.base())) {
      ConsoleTab tab = ConsoleTab.connected(browser, proxy.base());
      tab.awaitOffset(Publishing.publishOne(http), SOON);

      long darkSince = System.currentTimeMillis();
      proxy.blackHole();
      long missed = Publishing.publishOne(http);
      tab.awaitStatus("reconnecting", WATCHDOG.plus(SOON));
      assertThat(tab.saidAt("reconnecting") - darkSince).isGreaterThan(WATCHDOG.toMillis() - 2_500);
      assertThat(tab.receivedOffsets()).doesNotContain(missed);

      proxy.cutConnections();
      proxy.pass();
      tab.awaitStatus("connected", FIVE_ATTEMPTS);
      tab.heardAllUpTo(Publishing.publishOne(http));
      assertThat(tab.said()).containsExactly("connected", "reconnecting", "connected");
    }
  }

  @Test
  void whereStreamsAreRefusedThePagePollsAndReturnsToTheStream() {
    try (LiveServer own = LiveServer.start(
        Map.of("samband.stream.keepalive-millis", "2000", "samband.stream.max-subscribers", "1"))) {
      RawStream taken = own.stream("api/sse");
      taken.next(frame -> frame.is("hello"));
      ConsoleTab tab = ConsoleTab.open(browser, own.base());
      tab.awaitStatus("polling", FIVE_ATTEMPTS);
      assertThat(tab.find("stale-notice").textContent()).contains("no live stream");
      assertThat(tab.said()).containsExactly("polling");
      tab.heardAllUpTo(Publishing.publishOne(own.http()));

      taken.close();
      tab.awaitStatus("connected", Duration.ofSeconds(45));
      tab.heardAllUpTo(Publishing.publishOne(own.http()));
      assertThat(tab.said()).containsExactly("polling", "connected");
    }
  }

  @Test
  void everythingDownIsDisconnectedAndComesBackByItself() {
    try (TcpProxy proxy = TcpProxy.to(server.base())) {
      ConsoleTab tab = ConsoleTab.connected(browser, proxy.base());
      tab.awaitOffset(Publishing.publishOne(http), SOON);
      proxy.cut();
      tab.awaitStatus("disconnected", FIVE_ATTEMPTS);
      assertThat(tab.find("stale-notice").textContent()).contains("may be out of date");
      tab.screenshot("disconnected");
      assertThat(tab.accessibilityViolations()).isEmpty();

      long missed = Publishing.publishOne(http);
      proxy.pass();
      tab.awaitStatus("connected", Duration.ofSeconds(40));
      tab.heardAllUpTo(missed);
      List<String> said = tab.said();
      assertThat(said.subList(0, 3)).containsExactly("connected", "reconnecting", "disconnected");
      // A poll may succeed a moment before the stream does, and then that is said.
      assertThat(said.get(said.size() - 1)).isEqualTo("connected");
      assertThat(said).hasSizeBetween(4, 5);
    }
  }

  @Test
  void theDrawerShowsAndMakesWhatTheLineDoes() {
    ConsoleTab tab = ConsoleTab.connected(browser, server.base().resolve("?developer"));
    tab.find("debug-toggle").press("Enter");
    tab.await("[data-testid=connections]:not([data-count=''])", SOON);
    tab.find("send-test").click();
    tab.await("[data-testid=event][data-type=test]", SOON);
    tab.find("measure-latency").click();
    tab.page().waitForFunction("() => samband.latency.getState() !== null");
    tab.find("force-polling").check();
    tab.awaitStatus("polling", SOON);
    long polled = Publishing.publishOne(http);
    tab.awaitOffset(polled, SOON);
    tab.find("force-polling").uncheck();
    tab.awaitStatus("connected", SOON);
    tab.find("force-reconnect").click();
    tab.page().waitForFunction("() => samband.transitions.getState().length >= 6");
    tab.awaitStatus("connected", SOON);
    tab.heardAllUpTo(Publishing.publishOne(http));
    tab.page().keyboard().press("Escape");
    assertThat(tab.find("debug-drawer").count()).isZero();
  }

  /** How many streams the server has to this browser. */
  private int connections(Http server) {
    return (int) server.get("api/sse/connections").json().asJsonArray().stream()
        .map(row -> ((JsonObject) row).getString("userAgent", ""))
        .filter(agent::equals)
        .count();
  }
}
