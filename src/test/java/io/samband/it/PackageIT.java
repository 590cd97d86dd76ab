package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import io.samband.testing.CodeBlocks;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.NpmProject;
import io.samband.testing.Rounds;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The npm package in another team's project: packed, installed outside the repository, compiled, rendered on a server,
 * built and run. The project's code is what the documentation shows, exactly as it stands there.
 */
class PackageIT {
  private static final CodeBlocks GUIDE = CodeBlocks.of(Path.of("docs/browser-client.md"));
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir
  private static Path outside;

  private static NpmProject consumer;
  private static Playwright playwright;
  private static Browser chromium;

  private final LiveServer server = LiveServer.shared();
  private final Http http = server.http();
  private final String text = "Bilbrann E6 nord " + UUID.randomUUID();

  @BeforeAll
  static void installThePackage() throws IOException {
    Rounds.onceInABuild();
    NpmProject packed = new NpmProject(Path.of("target/npm"));
    packed.npm("pack", "--pack-destination", outside.toString());
    Path tarball;
    try (Stream<Path> files = Files.list(outside)) {
      tarball =
          files.filter(file -> file.toString().endsWith(".tgz")).findFirst().orElseThrow();
    }
    consumer = NpmProject.copyOf(
        Path.of("src/test/outside/consumer"), Files.createDirectory(outside.resolve("consumer")));
    Path sources = consumer.directory().resolve("src");
    GUIDE.writeTo(sources.resolve("browser-client"));
    CodeBlocks.of(Path.of("target/npm/README.md")).writeTo(sources.resolve("readme"));
    consumer.npm("ci", "--prefer-offline", "--no-audit", "--no-fund");
    consumer.npm(
        "install", "--no-save", "--prefer-offline", "--no-audit", "--no-fund", tarball.toString());
    playwright = Playwright.create();
    chromium = Chromium.launch(playwright);
  }

  @AfterAll
  static void stop() {
    if (consumer != null) {
      consumer.close();
    }
    if (playwright != null) {
      playwright.close();
    }
  }

  @Test
  void thePackageHasWhatItsUsersAndTheirLawyersNeed() throws IOException {
    Path installed = consumer.directory().resolve("node_modules/samband-client");
    assertThat(installed.resolve("LICENSE")).content().contains("Apache License");
    assertThat(installed.resolve("README.md")).content().contains("npm install");
    assertThat(installed.resolve("package.json"))
        .content()
        .contains("\"license\": \"Apache-2.0\"", "\"repository\"", "\"sideEffects\": false")
        .contains("\"types\": \"./dist/client/index.d.ts\"", "\"provenance\": true")
        .contains("\"version\": \"" + mavenVersion().toLowerCase(Locale.ROOT) + '"');
    assertThat(installed.resolve("dist/react/index.js")).content().startsWith("\"use client\";");
    try (Stream<Path> files = Files.walk(installed.resolve("dist"))) {
      List<Path> modules = files.filter(file -> file.toString().endsWith(".js")).toList();
      assertThat(modules).isNotEmpty().allSatisfy(module -> {
        assertThat(module.resolveSibling(module.getFileName() + ".map"))
            .content()
            .contains("\"sourcesContent\"");
        assertThat(Path.of(module.toString().replaceAll("js$", "d.ts"))).exists();
      });
    }
  }

  @Test
  void theDocumentedExamplesCompileStrictlyWithBothWaysOfModuleResolution() {
    consumer.npm("exec", "--", "tsc", "--project", "tsconfig.json");
    consumer.npm("exec", "--", "tsc", "--project", "tsconfig.node16.json");
  }

  @Test
  void theDocumentedExamplesRenderOnAServerAndRunInABrowser() throws IOException {
    consumer.npm("exec", "--", "vite", "build", "--ssr", "src/server.tsx", "--outDir", "server");
    assertThat(consumer.npm("exec", "--", "node", "server/server.js"))
        .contains("first, then second")
        .containsPattern("data-status=\"(reconnecting|disconnected)\"");

    consumer.npm("exec", "--", "vite", "build");
    onlyWhatIsUsed(consumer.directory().resolve("dist/assets"));
    URI base = consumer.serve(server.base());
    Page react = open(base.resolve("react.html"));
    Page vue = open(base.resolve("vue.html"));
    for (Page page : List.of(react, vue)) {
      page.waitForFunction("document.querySelector('[data-status=connected]') !== null");
    }
    flash();
    for (Page page : List.of(react, vue)) {
      shows(page, text);
    }
    shows(react, vehicle("available"));
    shows(react, vehicle("on_scene"));
    shows(open(base.resolve("worker.html")), "connected by worker");
  }

  @Test
  void thePlainPageRunsFromTheServer() {
    URI address = server.base().resolve("plain.html");
    Page page = chromium.newPage();
    page.route(
        address.toString(),
        route -> route.fulfill(new Route.FulfillOptions()
            .setContentType("text/html;charset=UTF-8")
            .setBody(GUIDE.text("plain.html"))));
    page.navigate(address.toString());
    shows(page, "connected");
    flash();
    shows(page, text);
  }

  @Test
  void theFacesPageRendersAgainWhenAnEventSaysSo() {
    WebArchive board = ShrinkWrap.create(WebArchive.class, "board.war")
        .addClass(VehicleList.class)
        .addAsWebResource(new StringAsset(GUIDE.text("vehicles.xhtml")), "vehicles.xhtml")
        .addAsWebInfResource(new StringAsset("""
            <faces-config xmlns="https://jakarta.ee/xml/ns/jakartaee" version="4.0"/>
            """), "faces-config.xml")
        .addAsWebInfResource(new StringAsset("""
            <beans xmlns="https://jakarta.ee/xml/ns/jakartaee" version="4.0" bean-discovery-mode="annotated"/>
            """), "beans.xml");
    Path war = outside.resolve("board.war");
    board.as(ZipExporter.class).exportTo(war.toFile());
    server.deployBeside("board", war);

    String before = vehicle("available");
    Awaitility.await().atMost(SOON).until(() -> http.get("board/vehicles.xhtml").status() == 200);
    Page page = open(server.base().resolve("board/vehicles.xhtml"));
    shows(page, before);
    shows(page, vehicle("on_scene"));
  }

  private static String mavenVersion() throws IOException {
    return Pattern.compile("<artifactId>samband</artifactId>\\s*<version>([^<]+)<")
        .matcher(Files.readString(Path.of("pom.xml")))
        .results()
        .map(match -> match.group(1))
        .findFirst()
        .orElseThrow();
  }

  /** No page of the examples imports the debug or the testing entry, and the worker is a file of its own. */
  private static void onlyWhatIsUsed(Path assets) throws IOException {
    try (Stream<Path> files = Files.list(assets)) {
      assertThat(files.toList())
          .isNotEmpty()
          .allSatisfy(file -> assertThat(file)
              .content()
              .doesNotContain("the test event did not arrive", "http://samband.test/"));
    }
  }

  private void flash() {
    http.post("api/flash", "{\"text\":\"" + text + "\",\"priority\":\"normal\"}");
  }

  /** Changes the vehicle of this test; returns how the examples show it. */
  private String vehicle(String status) {
    String id = "K-" + text.substring(text.length() - 8);
    http.put("api/vehicles/" + id + "/status", "{\"status\":\"" + status + "\"}");
    return id + ": " + status;
  }

  private static Page open(URI address) {
    Page page = chromium.newPage();
    Awaitility.await().pollInSameThread().atMost(SOON).ignoreExceptions().until(() -> {
      page.navigate(address.toString());
      return true;
    });
    return page;
  }

  private static void shows(Page page, String words) {
    PlaywrightAssertions.assertThat(page.locator("body"))
        .containsText(words, new ContainsTextOptions().setTimeout((double) SOON.toMillis()));
  }
}
