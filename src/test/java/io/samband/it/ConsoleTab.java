package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.options.WaitForSelectorState;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A tab with the console page in it, as a dispatcher and a developer see it. */
final class ConsoleTab {
  /** A change of what the badge said. Times are milliseconds since 1970, on the browser's clock. */
  record Transition(long at, String from, String to, String reason) {}

  private final Page page;

  private ConsoleTab(Page page) {
    this.page = page;
  }

  static ConsoleTab open(BrowserContext browser, URI base) {
    Page page = browser.newPage();
    page.navigate(base.toString());
    return new ConsoleTab(page);
  }

  static ConsoleTab connected(BrowserContext browser, URI base) {
    ConsoleTab tab = open(browser, base);
    tab.awaitStatus("connected", Duration.ofSeconds(20));
    return tab;
  }

  Page page() {
    return page;
  }

  Locator find(String testId) {
    return page.getByTestId(testId);
  }

  /** The message with this text, as long as this desk has to acknowledge it. */
  Locator openMessage(String text) {
    return page.locator(
        "[data-testid=flash-message][data-open=true]:has(.message-text:has-text('" + text + "'))");
  }

  /** How many messages this desk has to acknowledge. */
  int openMessages() {
    return Integer.parseInt(find("flash-bar").getAttribute("data-count"));
  }

  /** Presses Tab until the element has the focus, and checks that the focus can be seen. */
  void tabTo(String testId) {
    for (int i = 0; i < 300 && !testId.equals(focused()); i++) {
      page.keyboard().press("Tab");
    }
    assertThat(focused()).isEqualTo(testId);
    assertThat(page.evaluate("document.activeElement.matches(':focus-visible')"))
        .isEqualTo(true);
  }

  /** Takes the focus out of a field, so that single keys are shortcuts again. */
  void focusElsewhere() {
    page.evaluate("document.activeElement.blur()");
  }

  /** The test id of the element that has the focus; null if it has none. */
  String focused() {
    return (String) page.evaluate("document.activeElement.getAttribute('data-testid')");
  }

  /** What the badge says now. */
  String status() {
    return find("connection-badge").getAttribute("data-status");
  }

  boolean leads() {
    return "leader".equals(find("connection-badge").getAttribute("data-role"));
  }

  void awaitStatus(String status, Duration timeout) {
    await("[data-testid=connection-badge][data-status=" + status + "]", timeout);
  }

  void await(String selector, Duration timeout) {
    page.waitForSelector(
        selector,
        new Page.WaitForSelectorOptions()
            .setState(WaitForSelectorState.ATTACHED)
            .setTimeout((double) timeout.toMillis()));
  }

  /** Waits until the page was handed the event of this offset. */
  void awaitOffset(long offset, Duration timeout) {
    page.waitForFunction(
        "offset => Number((samband.received.at(-1) ?? '-0').split('-')[1]) >= offset",
        (double) offset,
        new Page.WaitForFunctionOptions().setTimeout((double) timeout.toMillis()));
  }

  /** The ids of the events that the page was handed, and {@code reset} where there was one. */
  @SuppressWarnings("unchecked")
  List<String> received() {
    return (List<String>) page.evaluate("samband.received");
  }

  List<Long> receivedOffsets() {
    List<String> received = received();
    assertThat(received).doesNotContain("reset");
    return received.stream()
        .map(id -> Long.valueOf(id.substring(id.indexOf('-') + 1)))
        .toList();
  }

  /** Every event once and in order, without a hole, up to the last one that was published. */
  void heardAllUpTo(long last) {
    awaitOffset(last, Duration.ofSeconds(10));
    List<Long> offsets = receivedOffsets();
    long first = offsets.get(0);
    assertThat(offsets).hasSize((int) (offsets.get(offsets.size() - 1) - first + 1));
    for (int i = 0; i < offsets.size(); i++) {
      assertThat(offsets.get(i)).isEqualTo(first + i);
    }
  }

  List<Transition> transitions() {
    List<?> rows = (List<?>) page.evaluate("samband.transitions.getState().map("
        + "({ at, from, to, reason }) => [String(at), from, to, reason])");
    return rows.stream()
        .map(row -> (List<?>) row)
        .map(row -> new Transition(
            Long.parseLong((String) row.get(0)), (String) row.get(1), (String) row.get(2), (String)
                row.get(3)))
        .toList();
  }

  /** What the badge said, one after the other. */
  List<String> said() {
    return transitions().stream().map(Transition::to).toList();
  }

  /** When it last began to say so. */
  long saidAt(String status) {
    return transitions().stream()
        .filter(transition -> transition.to().equals(status))
        .mapToLong(Transition::at)
        .max()
        .orElseThrow();
  }

  /** The longest time between two events from now on is in {@link #longestPause}. */
  void watchPauses() {
    page.evaluate("""
        () => {
          const pause = { last: performance.now(), longest: 0 };
          window.pause = pause;
          samband.client.onEvent(() => {
            const now = performance.now();
            pause.longest = Math.max(pause.longest, now - pause.last);
            pause.last = now;
          });
        }""");
  }

  Duration longestPause() {
    return Duration.ofMillis(((Number) page.evaluate("Math.round(pause.longest)")).longValue());
  }

  /** The process of the tab dies, as it does when memory runs out. */
  void crash() {
    try {
      page.navigate("chrome://crash", new Page.NavigateOptions().setTimeout(2_000));
    } catch (PlaywrightException e) {
      // The process that should have answered is gone.
    }
  }

  /** The tab does nothing any more for so long, and tells nobody. */
  void hang(Duration duration) {
    page.evaluate(
        "millis => setTimeout(() => { const end = Date.now() + millis; while (Date.now() < end); })",
        (double) duration.toMillis());
  }

  /** Keeps what is seen now as a picture under {@code target/console}. */
  void screenshot(String name) {
    page.screenshot(
        new Page.ScreenshotOptions().setPath(Path.of("target", "console", name + ".png")));
  }

  List<String> accessibilityViolations() {
    return new AxeBuilder(page)
        .analyze().getViolations().stream().map(Rule::toString).toList();
  }
}
