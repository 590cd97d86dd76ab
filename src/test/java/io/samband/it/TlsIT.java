package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import io.samband.testing.LiveServer;
import io.samband.testing.RealProxy;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Over TLS with HTTP/2 a browser opens as many plain {@code EventSource}s as it likes: over HTTP/1.1 the seventh hangs. */
class TlsIT {
  private static final int SOURCES = 20;

  @ParameterizedTest
  @EnumSource(RealProxy.Kind.class)
  void twentyPlainEventSourcesOfOneBrowserAllGetTheEvent(RealProxy.Kind kind) {
    LiveServer server = LiveServer.shared();
    try (RealProxy proxy = RealProxy.overTls(kind, server.base());
        Playwright playwright = Playwright.create(new Playwright.CreateOptions()
            .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser chromium = Chromium.launch(playwright);
        BrowserContext browser =
            chromium.newContext(new Browser.NewContextOptions().setIgnoreHTTPSErrors(true))) {
      Page page = browser.newPage();
      // A page of ours that opens no connection by itself. Answers of the API may not open any
      // (their policy).
      page.navigate(proxy.base() + "client/samband-client.js");
      Object outcome = page.evaluate("""
          async (count) => {
            const hellos = [];
            const arrivals = [];
            for (let i = 0; i < count; i++) {
              const source = new EventSource('/api/sse');
              hellos.push(new Promise((resolve) => source.addEventListener('hello', resolve)));
              arrivals.push(new Promise((resolve) => {
                source.onmessage = (message) => {
                  const event = JSON.parse(message.data);
                  if (event.type === 'test') resolve(event.data.nonce);
                };
              }));
            }
            await Promise.all(hellos);
            const answer = await (await fetch('/api/sse/test', { method: 'POST' })).json();
            const seen = await Promise.all(arrivals);
            const protocol = performance.getEntriesByType('resource')
              .filter((entry) => entry.initiatorType === 'fetch').map((entry) => entry.nextHopProtocol);
            return seen.filter((nonce) => nonce === answer.nonce).length + ' ' + protocol[0];
          }
          """, SOURCES);
      assertThat(outcome).isEqualTo(SOURCES + " h2");
    }
  }
}
