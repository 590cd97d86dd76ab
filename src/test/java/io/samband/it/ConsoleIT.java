package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import com.microsoft.playwright.options.WaitForSelectorState;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.Rounds;
import io.samband.testing.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The console as dispatchers use it: messages, vehicles, keyboard, alerts, languages and themes. */
class ConsoleIT {
  private static final Duration SOON = Duration.ofSeconds(15);

  /** Counts what a page plays and shows outside itself, instead of doing it. */
  private static final String COUNTING_ALERTS = """
      window.alerts = { sounds: 0, notifications: 0 };
      window.AudioContext = class extends EventTarget {
        state = "suspended"; currentTime = 0; destination = {};
        async resume() { this.state = "running"; this.dispatchEvent(new Event("statechange")); }
        createOscillator() {
          const frequency = { setValueAtTime() {} };
          return { frequency, connect: node => node, start: () => { window.alerts.sounds += 1; }, stop() {} };
        }
        createGain() {
          const gain = { setValueAtTime() {}, linearRampToValueAtTime() {} };
          return { gain, connect: node => node };
        }
      };
      window.Notification = class {
        static permission = "granted";
        constructor() { window.alerts.notifications += 1; }
      };
      """;

  private static Playwright playwright;
  private static Browser chromium;

  private final LiveServer server = LiveServer.shared();
  private final Http http = server.http();
  private final String mark = UUID.randomUUID().toString().substring(0, 8);
  private final List<BrowserContext> browsers = new ArrayList<>();

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

  @AfterEach
  void closeBrowsers() {
    browsers.forEach(BrowserContext::close);
  }

  @Test
  void everythingCanBeDoneByKeyboardAlone() {
    ConsoleTab tab = ConsoleTab.connected(desk("Keyboard " + mark), server.base());
    var keyboard = tab.page().keyboard();

    tab.tabTo("vehicle-add");
    keyboard.press("Enter");
    tab.tabTo("vehicle-id");
    keyboard.type("K-" + mark);
    keyboard.press("Enter");
    String vehicle = "[data-vehicle-id=K-" + mark + "]";
    tab.await(vehicle + "[data-status=available]", SOON);
    tab.tabTo("vehicle-find");
    keyboard.type("K-" + mark);
    tab.focusElsewhere();
    keyboard.press("v");
    keyboard.press("Enter");
    tab.tabTo("choose-on_scene");
    keyboard.press("Enter");
    tab.await(vehicle + "[data-status=on_scene]", SOON);
    // The event may be on the page before the answer that closes the dialog.
    tab.find("vehicle-dialog")
        .waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.DETACHED));

    keyboard.press("n");
    keyboard.type("By keyboard " + mark);
    tab.tabTo("flash-high");
    keyboard.press("Space");
    tab.tabTo("flash-send");
    keyboard.press("Enter");
    tab.openMessage(mark).waitFor();
    tab.focusElsewhere();
    keyboard.press("m");
    int before = tab.openMessages();
    keyboard.press("Enter");
    Awaitility.await().pollInSameThread().atMost(SOON).until(() -> tab.openMessages() < before);

    keyboard.press("/");
    keyboard.type("by keyboard " + mark);
    // The message and its acknowledgement; not the vehicle.
    tab.page().waitForFunction("""
            mark => {
              const events = [...document.querySelectorAll('[data-testid=event]')];
              return events.length > 0 && events.every(({ textContent }) => textContent.includes('By keyboard ' + mark));
            }""", mark);
    tab.focusElsewhere();
    keyboard.press("?");
    assertThat(tab.find("settings").isVisible()).isTrue();
    keyboard.press("Escape");
    assertThat(tab.find("settings").isVisible()).isFalse();
    assertThat(tab.focused()).isEqualTo("settings-button");
  }

  @Test
  void anAcknowledgementIsSeenByTheOtherDesksAndTakesTheMessageFromNoneOfThem() {
    ConsoleTab one = ConsoleTab.connected(desk("One " + mark), server.base());
    ConsoleTab two = ConsoleTab.connected(desk("Two " + mark), server.base());
    one.find("flash-text").fill("Fire at " + mark);
    one.find("flash-high").check();
    one.find("flash-send").click();
    one.await("[data-testid=flash-outcome][data-outcome=durable]", SOON);

    two.openMessage(mark).getByTestId("flash-acknowledge").click();
    one.openMessage(mark).getByTestId("flash-acknowledged-by").waitFor();
    assertThat(one.openMessage(mark).getByTestId("flash-acknowledged-by").textContent())
        .contains("Two " + mark);
    assertThat(one.openMessage(mark).getByTestId("flash-not-yet").textContent())
        .contains("One " + mark)
        .doesNotContain("Two " + mark);
    assertThat(two.page()
            .locator("[data-open=true]:has-text('Fire at " + mark + "')")
            .count())
        .isZero();
  }

  @Test
  void anUrgentMessageThatNoDeskHasAcknowledgedIsThereAfterARestartAndInANewBrowser() {
    try (LiveServer own = LiveServer.start(LiveServer.SHARED_SETTINGS)) {
      ConsoleTab before = ConsoleTab.connected(desk("Before"), own.base());
      flash(own.http(), "Urgent " + mark, "high");
      for (int i = 0; i < 60; i++) {
        flash(own.http(), "Note " + i, "normal");
      }
      before.openMessage(mark).waitFor();
      own.restart();
      ConsoleTab after = ConsoleTab.connected(desk("After"), own.base());
      after.openMessage(mark).waitFor();
      before.awaitStatus("connected", Duration.ofSeconds(80));
      assertThat(before.openMessage(mark).count()).isEqualTo(1);
      assertThat(after.page().title()).startsWith("⚠");
    }
  }

  @Test
  void anUrgentMessageIsHeardAndShownOnTheDesktopOnceInABrowserWithThreeTabs() {
    BrowserContext browser = desk("Alert " + mark);
    browser.addInitScript(COUNTING_ALERTS);
    List<ConsoleTab> tabs = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ConsoleTab tab = ConsoleTab.connected(browser, server.base());
      assertThat(tab.find("sound").getAttribute("data-sound")).isEqualTo("locked");
      tab.page().locator("h1").click();
      tab.await("[data-testid=sound][data-sound=on]", SOON);
      tabs.add(tab);
    }
    flash(http, "Normal " + mark, "normal");
    flash(http, "Urgent " + mark, "high");
    tabs.forEach(tab -> tab.openMessage("Urgent " + mark).waitFor());
    Awaitility.await()
        .pollInSameThread()
        .atMost(SOON)
        .until(() -> alerts(tabs).equals(List.of(1, 1)));
    // Whatever another tab had begun by now is done when a second message has been announced.
    flash(http, "Second " + mark, "high");
    tabs.forEach(tab -> tab.openMessage("Second " + mark).waitFor());
    Awaitility.await()
        .pollInSameThread()
        .atMost(SOON)
        .until(() -> alerts(tabs).equals(List.of(2, 2)));
  }

  /** Sounds and notifications of all tabs together. */
  private static List<Integer> alerts(List<ConsoleTab> tabs) {
    int sounds = 0;
    int notifications = 0;
    for (ConsoleTab tab : tabs) {
      sounds += (int) tab.page().evaluate("alerts.sounds");
      notifications += (int) tab.page().evaluate("alerts.notifications");
    }
    return List.of(sounds, notifications);
  }

  @Test
  void aVehicleThatAnotherDeskHasChangedMeanwhileIsNotOverwritten() {
    String id = "C-" + mark;
    String path = "api/vehicles/" + id + "/status";
    http.put(path, "{\"status\":\"available\"}");
    ConsoleTab tab = ConsoleTab.connected(desk("Conflict " + mark), server.base());
    String vehicle = "[data-vehicle-id=" + id + "]";
    tab.page().locator(vehicle + " button").click();
    http.put(path, "{\"status\":\"transporting\"}");
    tab.find("choose-out_of_service").click();
    tab.find("vehicle-conflict").waitFor();
    assertThat(http.get("api/vehicles").body())
        .contains("\"id\":\"" + id + "\",\"status\":\"transporting\"");
    tab.find("vehicle-anyway").click();
    tab.await(vehicle + "[data-status=out_of_service]", SOON);
  }

  @Test
  void aBrowserWhoseClockIsSetBackByAnHourShowsAnUrgentMessageAtOnce() {
    ConsoleTab tab = ConsoleTab.connected(desk("Clock " + mark), server.base());
    flash(http, "Before " + mark, "high");
    tab.openMessage("Before " + mark).waitFor();
    tab.page().evaluate("() => { const now = Date.now; Date.now = () => now() - 3_600_000; }");
    flash(http, "After " + mark, "high");
    tab.openMessage("After " + mark).waitFor();
  }

  @Test
  void thePageIsAccessibleInBothThemesAndLanguagesAndFitsASmallScreen() {
    flash(http, "Bilbrann E6 nord " + mark, "high");
    http.put("api/vehicles/X-" + mark + "/status", "{\"status\":\"on_scene\"}");
    for (String language : List.of("nb-NO", "en-GB")) {
      ConsoleTab tab = ConsoleTab.connected(
          newBrowser(new Browser.NewContextOptions().setLocale(language), "Axe " + mark),
          server.base().resolve("?developer"));
      assertThat(tab.page().locator("html").getAttribute("lang"))
          .isEqualTo(language.substring(0, 2));
      tab.openMessage(mark).waitFor();
      tab.find("debug-toggle").click();
      tab.find("debug-drawer").waitFor();
      for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        show(tab, scheme);
        for (int width : new int[] {1280, 320}) {
          tab.page().setViewportSize(width, 800);
          String where = language + " " + scheme + " " + width;
          assertThat(tab.accessibilityViolations()).as(where).isEmpty();
          assertThat(tab.page().evaluate("document.documentElement.scrollWidth <= innerWidth"))
              .as("nothing is cut off: " + where)
              .isEqualTo(true);
          staysInView(tab, "connection-badge", where);
          staysInView(tab, "stale-notice", where);
          staysInView(tab, "alert-line", where);
        }
      }
      tab.page().setViewportSize(1280, 800);
      tab.find("settings-button").click();
      assertThat(tab.accessibilityViolations()).as("settings " + language).isEmpty();
      tab.page().keyboard().press("Escape");
      tab.page().locator("[data-vehicle-id=X-" + mark + "] button").click();
      assertThat(tab.accessibilityViolations()).as("dialog " + language).isEmpty();
    }
  }

  /** Also when the page is scrolled to its end. */
  private static void staysInView(ConsoleTab tab, String testId, String where) {
    tab.page().evaluate("scrollTo(0, document.documentElement.scrollHeight)");
    var box = tab.find(testId).boundingBox();
    assertThat(box.y).as(testId + " " + where).isBetween(0.0, 300.0);
    tab.page().evaluate("scrollTo(0, 0)");
  }

  @Test
  void theLanguageAndTheThemeCanBeChosenAndAreKept() {
    ConsoleTab tab = ConsoleTab.connected(desk("Language " + mark), server.base());
    assertThat(tab.find("connection-status").textContent()).isEqualTo("Connected");
    tab.find("settings-button").click();
    tab.find("language").selectOption("nb");
    tab.find("appearance").selectOption("dark");
    assertThat(tab.find("connection-status").textContent()).isEqualTo("Tilkoblet");
    tab.page().reload();
    tab.awaitStatus("connected", SOON);
    assertThat(tab.find("connection-status").textContent()).isEqualTo("Tilkoblet");
    assertThat(tab.page().evaluate("getComputedStyle(document.documentElement).colorScheme"))
        .isEqualTo("dark");
  }

  /** For people to look at; two of them are in the README. */
  @Test
  void picturesOfThePage() {
    Rounds.onlyInASoak();
    try (LiveServer own = LiveServer.start(LiveServer.SHARED_SETTINGS);
        TcpProxy proxy = TcpProxy.to(own.base())) {
      ExampleShift.begin(own.http());
      for (String language : List.of("nb-NO", "en-GB")) {
        ConsoleTab tab = ConsoleTab.connected(
            newBrowser(new Browser.NewContextOptions().setLocale(language), "Pult 3"),
            proxy.base());
        tab.await("[data-testid=flash-message]", SOON);
        tab.await("[data-testid=event]", SOON);
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
          show(tab, scheme);
          picture(tab, language, scheme, "wide", 1280, 800);
          picture(tab, language, scheme, "narrow", 320, 640);
        }
      }
      ConsoleTab tab = ConsoleTab.connected(desk("Pult 3"), proxy.base());
      proxy.cut();
      tab.await("[data-testid=stale-notice][data-doubt=broken]", Duration.ofSeconds(60));
      picture(tab, "en-GB", ColorScheme.LIGHT, "stale-narrow", 320, 640);
      picture(tab, "en-GB", ColorScheme.DARK, "stale-wide", 1280, 800);
    }
  }

  private static void picture(
      ConsoleTab tab, String language, ColorScheme scheme, String what, int width, int height) {
    show(tab, scheme);
    tab.page().setViewportSize(width, height);
    tab.screenshot(
        what + "-" + language.substring(0, 2) + "-" + scheme.name().toLowerCase(Locale.ROOT));
  }

  private static void show(ConsoleTab tab, ColorScheme scheme) {
    tab.page()
        .emulateMedia(new Page.EmulateMediaOptions()
            .setColorScheme(scheme)
            .setReducedMotion(ReducedMotion.REDUCE));
  }

  private static void flash(Http http, String text, String priority) {
    http.post("api/flash", "{\"text\":\"" + text + "\",\"priority\":\"" + priority + "\"}");
  }

  private BrowserContext desk(String name) {
    return newBrowser(new Browser.NewContextOptions().setLocale("en-GB"), name);
  }

  /** A browser of its own with nothing remembered but the name of its desk. */
  private BrowserContext newBrowser(Browser.NewContextOptions options, String desk) {
    BrowserContext browser = chromium.newContext(options);
    browser.addInitScript(
        "localStorage.getItem('samband.desk') ?? localStorage.setItem('samband.desk', '" + desk
            + "')");
    browsers.add(browser);
    return browser;
  }
}
