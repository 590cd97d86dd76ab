package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.Cookie;
import io.samband.testing.CodeBlocks;
import io.samband.testing.DocumentedClient;
import io.samband.testing.Rounds;
import io.samband.testing.SecuredServer;
import io.samband.testing.TcpProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The programs of {@code docs/clients.md}, exactly as they stand there, with an access token or a cookie: through a network that goes
 * silent, over a crash of the server, and with a log that was lost.
 */
class ClientExamplesIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** The cookie of the page, which is not served over TLS here. */
  private static final String COOKIE = "desk";

  @TempDir
  Path work;

  private final Map<String, Supplier<List<String>>> clients = new LinkedHashMap<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private SecuredServer server;
  private TcpProxy network;

  @Test
  void everyEventOnceInOrderAndANewSnapshotAfterALoss() throws Exception {
    Rounds.onceInABuild();
    Optional<String> python = DocumentedClient.python();
    try {
      server = opened(new SecuredServer(Map.of("samband.auth.cookie", COOKIE)));
      network = opened(TcpProxy.to(server.server().base()));
      start(python);
      await("streams").atMost(PATIENCE).until(() -> streams() == clients.size());

      List<String> published = new ArrayList<>(publish(20));
      awaitEvents(0, published);

      if (Rounds.of(0, 1) == 1) {
        network.muteConnections();
        published.addAll(publish(5));
        awaitEvents(0, published);
      }

      server.server().kill9();
      server.server().restart();
      published.addAll(publish(20));
      awaitEvents(0, published);

      loseTheLog();
      List<String> afterTheLoss = publish(5);
      awaitEvents(1, afterTheLoss);
      clients.forEach((name, lines) ->
          assertThat(events(sections(lines.get()).get(0))).as(name).isEqualTo(published));
    } finally {
      for (int i = open.size() - 1; i >= 0; i--) {
        open.get(i).close();
      }
    }
    assumeTrue(
        python.isPresent(),
        "All but the Python program were run: no Python here has httpx and httpx_sse (CONTRIBUTING.md)");
  }

  private void start(Optional<String> python) {
    CodeBlocks.of(Path.of("docs/clients.md")).writeTo(work);
    run("curl", List.of("bash", work.resolve("follow.sh").toString()));
    python.ifPresent(
        program -> run("Python", List.of(program, work.resolve("follow.py").toString())));
    run("okhttp-eventsource", DocumentedClient.java(work.resolve("FollowWithOkHttp.java")));
    run("Jersey", DocumentedClient.java(work.resolve("FollowWithJersey.java")));
    page();
  }

  private void run(String name, List<String> command) {
    Path output = work.resolve(name + ".txt");
    clients.put(
        name, opened(new DocumentedClient(command, output, network.base(), token()))::lines);
  }

  private void page() {
    Playwright playwright = opened(Playwright.create());
    Browser chromium = opened(Chromium.launch(playwright));
    BrowserContext context = opened(chromium.newContext());
    context.addCookies(List.of(new Cookie(COOKIE, token()).setUrl(network.base().toString())));
    Page page = context.newPage();
    String address = network.base().resolve("event-source.html").toString();
    String html = CodeBlocks.of(Path.of("docs/clients.md")).text("event-source.html");
    page.route(
        address,
        route -> route.fulfill(
            new Route.FulfillOptions().setContentType("text/html;charset=UTF-8").setBody(html)));
    page.navigate(address);
    clients.put("EventSource", () -> page.locator("li").allTextContents());
  }

  /** A wall screen is shown two types of events; the others reach it as frames that a client may not know. */
  private String token() {
    return server.token("wall", "wall_screen");
  }

  /** The ids of so many events that the clients are shown, with as many between them that they are not. */
  private List<String> publish(int count) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      server.publish("{\"type\":\"hidden\",\"data\":" + i + "}");
      ids.add(
          server.publish("{\"type\":\"flash_message\",\"data\":{\"text\":\"Bl\u00e5b\u00e6r\"}}"));
    }
    return ids;
  }

  private int streams() {
    return server
        .http()
        .get("api/sse/connections", "Authorization", server.operator())
        .json()
        .asJsonArray()
        .size();
  }

  /** Waits until each client has printed these events, and nothing else, after its snapshot of this number. */
  private void awaitEvents(int snapshot, List<String> published) {
    clients.forEach((name, lines) -> await(name)
        .pollInSameThread()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          List<List<String>> sections = sections(lines.get());
          assertThat(sections).hasSize(snapshot + 1);
          assertThat(events(sections.get(snapshot))).isEqualTo(published);
        }));
  }

  /** What was printed after each snapshot. */
  private static List<List<String>> sections(List<String> lines) {
    List<List<String>> sections = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith("snapshot {")) {
        sections.add(new ArrayList<>());
      } else {
        sections.get(sections.size() - 1).add(line);
      }
    }
    return sections;
  }

  /** The ids; each line has the whole event behind its id. */
  private static List<String> events(List<String> lines) {
    assertThat(lines)
        .allMatch(
            line -> line.matches(
                "\\S+ \\{\"type\":\"flash_message\",\"data\":\\{\"text\":\"Bl\u00e5b\u00e6r\"},\"timestamp\":\"[^\"]+\"}"));
    return lines.stream().map(line -> line.substring(0, line.indexOf(' '))).toList();
  }

  /** As after a disk that was replaced: the server starts with an empty log. */
  private void loseTheLog() throws IOException {
    server.server().stop();
    try (Stream<Path> files = Files.walk(server.server().dataDir())) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> {
        try {
          Files.delete(file);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
    server.server().restart();
  }

  private <T extends AutoCloseable> T opened(T one) {
    open.add(one);
    return one;
  }
}
