package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Route;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.Log;
import io.samband.testing.OutsideModule;
import io.samband.testing.PostgresServer;
import io.samband.testing.Rounds;
import io.samband.testing.SteadyPublisher;
import io.samband.testing.TcpProxy;
import jakarta.json.JsonObject;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The nodes have one PostgreSQL for both the log and the data source of the example module. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterIT extends ClusterScenarios {
  @TempDir
  static Path work;

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** A page that only keeps what it is handed, as {@link ConsoleTab} asks for it: ten consoles that also show so much take all of a small machine. */
  private static final String COUNTING_PAGE = """
      <!doctype html>
      <output id="status" data-testid="connection-badge"></output>
      <script type="module">
        import { SSEClient } from "/client/samband-client.js";
        const received = [];
        window.samband = { received };
        const client = new SSEClient();
        client.onEvent(({ id }) => received.push(id));
        client.onReset(() => received.push("reset"));
        client.store.subscribe(({ status }) => {
          document.getElementById("status").dataset.status = status;
        });
        client.connect();
      </script>
      """;

  private PostgresServer database;
  private Path war;

  @Override
  int startServer() {
    database = PostgresServer.start();
    war = new OutsideModule(work).warWithDatabase(database);
    return database.port();
  }

  @Override
  Map<String, String> settings(int port) {
    Map<String, String> settings = new HashMap<>(PostgresServer.settings(port));
    settings.put("samband.dispatch.data-source", OutsideModule.DATA_SOURCE);
    return settings;
  }

  @Override
  Path war() {
    return war;
  }

  @Override
  void killServer() {
    database.kill9();
  }

  @Override
  void startServerAgain() {
    database.startAgain();
  }

  @Override
  void freezeServer() {
    database.freeze();
  }

  @Override
  void thawServer() {
    database.thaw();
  }

  @Override
  void stopServer() {
    if (database != null) {
      database.close();
    }
  }

  @Override
  String threads() {
    return "HikariPool";
  }

  @Test
  void tenTabsGetEachEventOnceWhileTheirConnectionHopsBetweenTheNodes() {
    int hops = Rounds.of(3, 100);
    // 200 events a second. One publisher waits for each answer, and would not publish so many.
    List<SteadyPublisher> publishers = IntStream.range(0, 10)
        .mapToObj(i -> SteadyPublisher.atRate(node(i % 2).base(), "tabs_" + i, 20))
        .toList();
    try (Playwright playwright = Playwright.create();
        Browser chromium = Chromium.launch(playwright);
        TcpProxy way = TcpProxy.to(node(0).base())) {
      BrowserContext browser =
          chromium.newContext(new Browser.NewContextOptions().setUserAgent("ten tabs"));
      URI page = way.base().resolve("counting.html");
      browser.route(
          page.toString(),
          route -> route.fulfill(new Route.FulfillOptions()
              .setContentType("text/html; charset=utf-8")
              .setBody(COUNTING_PAGE)));
      List<ConsoleTab> tabs =
          Stream.generate(() -> ConsoleTab.connected(browser, page)).limit(10).toList();
      long first = offset(Log.newest(node(0).http()));
      long start = System.nanoTime();
      for (int hop = 1; hop <= hops; hop++) {
        LiveServer node = node(hop % 2);
        way.leadTo(node.base());
        await().atMost(PATIENCE).until(() -> hasTheirStream(node));
        tabs.get(hop % 10).awaitOffset(offset(Log.newest(node.http())), PATIENCE);
      }
      publishers.forEach(SteadyPublisher::finish);
      long last = offset(Log.newest(node(hops % 2).http()));
      double seconds = (System.nanoTime() - start) / 1e9;
      tabs.forEach(tab -> tab.heardAllUpTo(last));
      System.out.printf(
          "ClusterIT: %d hops of ten tabs, %d events each, %.0f a second%n",
          hops, tabs.get(0).received().size(), (last - first) / seconds);
    } finally {
      publishers.forEach(SteadyPublisher::close);
    }
  }

  private static boolean hasTheirStream(LiveServer node) {
    return node.http().get("api/sse/connections").body().contains("\"ten tabs\"");
  }

  private static long offset(String id) {
    return Long.parseLong(id.substring(id.indexOf('-') + 1));
  }

  // The board of the example module. First, because the data source of this WAR keeps connections
  // that a restarted database
  // has closed.

  @Test
  @Order(1)
  void aChangeOnOneNodeIsOnTheBoardOfTheOtherWhichNeverOverwritesItUnseen() {
    assertThat(change(0, "B-1", "available", 0).status()).isEqualTo(200);
    assertThat(board(1, "B-1")).isEqualTo(board(0, "B-1")).contains("\"available\"");

    assertThat(change(1, "B-1", "on_scene", 1).status()).isEqualTo(200);
    assertThat(board(0, "B-1")).isEqualTo(board(1, "B-1")).contains("\"on_scene\"");

    Http.Answer conflict = change(0, "B-1", "dispatched", 1);
    assertThat(conflict.status()).isEqualTo(409);
    assertThat(current(conflict)).isEqualTo(board(1, "B-1"));
    assertThat(change(0, "B-1", "dispatched", null).json().asJsonObject().getInt("version"))
        .isEqualTo(3);
    assertThat(board(1, "B-1")).contains("\"dispatched\"");
  }

  @Test
  @Order(1)
  void oneOfTwoNodesThatMakeAVehicleAtTheSameMomentLearnsOfTheOther() throws SQLException {
    String start = Log.newest(node(0).http());
    List<Http.Answer> answers = atOnce(
        "INSERT INTO samband_vehicle VALUES ('B-2', '', 0, '')",
        () -> change(0, "B-2", "available", 0),
        () -> change(1, "B-2", "on_scene", 0));

    assertThat(answers).extracting(Http.Answer::status).containsExactlyInAnyOrder(200, 409);
    assertThat(current(answers.get(1))).isEqualTo(answers.get(0).body());
    assertThat(board(0, "B-2"))
        .isEqualTo(board(1, "B-2"))
        .isEqualTo(answers.get(0).body());
    assertThat(pushed(start, "B-2")).containsExactly(board(0, "B-2"));
  }

  @Test
  @Order(1)
  void oneOfTwoNodesThatChangeTheSameVersionAtTheSameMomentLearnsOfTheOther() throws SQLException {
    change(0, "B-3", "available", 0);
    String start = Log.newest(node(0).http());
    List<Http.Answer> answers = atOnce(
        "SELECT id FROM samband_vehicle WHERE id = 'B-3' FOR UPDATE",
        () -> change(0, "B-3", "dispatched", 1),
        () -> change(1, "B-3", "on_scene", 1));

    assertThat(answers).extracting(Http.Answer::status).containsExactlyInAnyOrder(200, 409);
    assertThat(current(answers.get(1))).isEqualTo(answers.get(0).body());
    assertThat(pushed(start, "B-3")).containsExactly(board(0, "B-3"));
  }

  @Test
  @Order(1)
  void changesThatOverwriteAnyVersionAllSucceedAlsoWhenTheyMakeTheVehicle() throws SQLException {
    String start = Log.newest(node(0).http());
    List<Http.Answer> answers = atOnce(
        "INSERT INTO samband_vehicle VALUES ('B-4', '', 0, '')",
        () -> change(0, "B-4", "available", null),
        () -> change(1, "B-4", "on_scene", null));

    assertThat(answers).extracting(Http.Answer::status).containsOnly(200);
    assertThat(answers)
        .extracting(answer -> answer.json().asJsonObject().getInt("version"))
        .containsExactlyInAnyOrder(1, 2);
    assertThat(pushed(start, "B-4"))
        .containsExactlyInAnyOrderElementsOf(
            answers.stream().map(Http.Answer::body).toList());
  }

  @Test
  @Order(1)
  void aChangeWhoseCommitTheDatabaseRefusesForAnotherIsMadeAndPushedOnce() {
    change(0, "B-5", "available", 0);
    String start = Log.newest(node(0).http());
    // As a serializable transaction is refused. A sequence counts on after a rollback.
    database.execute("CREATE SEQUENCE refusals");
    database.execute("CREATE FUNCTION refuse_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        + " IF nextval('refusals') = 1 THEN RAISE 'another one' USING ERRCODE = '40001'; END IF;"
        + " RETURN NULL; END $$");
    database.execute("CREATE CONSTRAINT TRIGGER refuse_once AFTER UPDATE ON samband_vehicle"
        + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_once()");
    try {
      assertThat(change(0, "B-5", "on_scene", 1).status()).isEqualTo(200);
    } finally {
      database.execute("DROP TRIGGER refuse_once ON samband_vehicle");
    }
    assertThat(database.query("SELECT last_value FROM refusals")).isEqualTo("2");
    assertThat(pushed(start, "B-5")).containsExactly(board(1, "B-5"));
  }

  /** Holds a lock until both changes wait for it. The answers, the successful ones first. */
  private List<Http.Answer> atOnce(
      String lock, Supplier<Http.Answer> one, Supplier<Http.Answer> other) throws SQLException {
    CompletableFuture<Http.Answer> first;
    CompletableFuture<Http.Answer> second;
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(lock);
      first = CompletableFuture.supplyAsync(one);
      second = CompletableFuture.supplyAsync(other);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> database
              .query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                  + " AND query ILIKE '%samband_vehicle%'")
              .equals("2"));
      connection.rollback();
    }
    return Stream.of(first.join(), second.join())
        .sorted(Comparator.comparing(Http.Answer::status))
        .toList();
  }

  private Http.Answer change(int node, String id, String status, Integer seen) {
    String version = seen == null ? "" : ",\"version\":" + seen;
    return node(node)
        .http()
        .put("api/vehicles/" + id + "/status", "{\"status\":\"" + status + '"' + version + '}');
  }

  private static String current(Http.Answer conflict) {
    JsonObject current = conflict.json().asJsonObject().getJsonObject("current");
    return shown(current);
  }

  /** A vehicle as a node shows it. */
  private String board(int node, String id) {
    JsonObject board = node(node).http().get("api/vehicles").json().asJsonObject();
    return board.getJsonArray("vehicles").getValuesAs(JsonObject.class).stream()
        .filter(vehicle -> vehicle.getString("id").equals(id))
        .map(ClusterIT::shown)
        .findAny()
        .orElse("none");
  }

  /** With its members in the order of the other answers. */
  private static String shown(JsonObject vehicle) {
    return "{\"id\":\"%s\",\"status\":\"%s\",\"updatedAt\":\"%s\",\"version\":%d}"
        .formatted(
            vehicle.getString("id"),
            vehicle.getString("status"),
            vehicle.getString("updatedAt"),
            vehicle.getInt("version"));
  }

  /** The changes of a vehicle that were pushed, as the data of their events. */
  private List<String> pushed(String start, String id) {
    return Log.after(node(1).http(), start).stream()
        .map(Log.Event::data)
        .filter(data -> data.contains('"' + id + '"'))
        .toList();
  }
}
