package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.samband.testing.HangingDisk;
import io.samband.testing.Http;
import io.samband.testing.Jcmd;
import io.samband.testing.LiveServer;
import io.samband.testing.Log;
import io.samband.testing.OutsideModule;
import io.samband.testing.PostgresServer;
import io.samband.testing.RawStream;
import io.samband.testing.Rounds;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A module works on a PostgreSQL, and the outbox is in the same database. The server is killed at the two moments that count:
 * between the commit and the append, and between the append and the removal of the rows. Each event is published once.
 */
@EnabledOnOs(OS.LINUX) // preloads a library
class OutboxCrashIT {
  private static PostgresServer database;
  private static HangingDisk disk;
  private static LiveServer server;

  @TempDir
  static Path work;

  private final String start = Log.newest(server.http());

  @BeforeAll
  static void start() throws IOException, SQLException {
    Rounds.onceInABuild();
    var compiled = HangingDisk.in(work.toRealPath());
    assumeTrue(compiled.isPresent(), "there is no C compiler");
    disk = compiled.orElseThrow();
    database = PostgresServer.start();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE deed (name VARCHAR(64))");
    }
    server = LiveServer.start(
        Map.of(
            "samband.data.dir",
            disk.data().toString(),
            "samband.publish.wait-millis",
            "1000",
            "samband.outbox.data-source",
            OutsideModule.DATA_SOURCE,
            "samband.dispatch.data-source",
            OutsideModule.DATA_SOURCE,
            "samband.outbox.create-table",
            "true"),
        disk.environment(),
        new OutsideModule(work).warWithDatabase(database));
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
    if (database != null) {
      database.close();
    }
  }

  @Test
  void killedBetweenCommitAndAppendItPublishesEachEventOnceAfterTheRestart() throws SQLException {
    commit("before");
    soon().until(() -> published().equals(List.of("before")));
    disk.hang();
    try {
      commit("a", "b");
      assertThat(rows("samband_outbox")).isEqualTo(2);
      // The relay has handed them to the log, and the log does not answer.
      soon().until(() -> outbox().containsKey("problem"));
      soon().until(() -> outbox().getInt("backlog") == 2);
      server.kill9();
    } finally {
      disk.goOn();
    }
    assertThat(rows("samband_outbox")).isEqualTo(2);
    server.restart();

    soon().until(() -> rows("samband_outbox") == 0);
    commit("after");
    soon().until(() -> published().contains("after"));
    assertThat(published()).containsExactly("before", "a", "b", "after");
  }

  @Test
  void killedBetweenAppendAndRemovalItPublishesEachEventOnce() throws SQLException {
    try (Connection relayLock = begin();
        Connection rowLock = begin()) {
      lock(relayLock, "samband_outbox_relay");
      commit("a", "b");
      assertThat(published()).isEmpty();
      lock(rowLock, "samband_outbox");
      relayLock.rollback();
      soon().until(() -> published().equals(List.of("a", "b")));
      assertThat(rows("samband_outbox")).isEqualTo(2);
      server.kill9();
    }
    assertThat(rows("samband_outbox")).isEqualTo(2);
    server.restart();

    soon().until(() -> rows("samband_outbox") == 0);
    commit("after");
    soon().until(() -> published().contains("after"));
    assertThat(published()).containsExactly("a", "b", "after");
  }

  @Test
  void killedBetweenCommitAndAppendTheExampleModuleHasItsVehicleAndPushesTheChangeOnce()
      throws SQLException {
    String path = "api/vehicles/K-1/status";
    disk.hang();
    try {
      Http.Answer changed = server.http().put(path, "{\"status\":\"on_scene\",\"version\":0}");
      assertThat(changed.status()).isEqualTo(200);
      assertThat(rows("samband_outbox")).isEqualTo(1);
      assertThat(database.query("SELECT version FROM samband_vehicle WHERE id = 'K-1'"))
          .isEqualTo("1");
      server.kill9();
    } finally {
      disk.goOn();
    }
    server.restart();

    soon().until(() -> rows("samband_outbox") == 0);
    assertThat(published()).containsExactly("bilstatus_update");
    assertThat(
            server.http().put(path, "{\"status\":\"available\",\"version\":0}").body())
        .contains("\"current\":{\"id\":\"K-1\",\"status\":\"on_scene\",\"version\":1");
  }

  @Test
  void anUndeploymentEndsTheRelayAndTheNextDeploymentRelaysWhatWasLeft() throws SQLException {
    try (Connection relayLock = begin()) {
      lock(relayLock, "samband_outbox_relay");
      commit("left");
      server.undeploy();
    }
    await().untilAsserted(() -> assertThat(threadsOfOurs()).isEmpty());
    assertThat(rows("samband_outbox")).isEqualTo(1);
    server.deploy();

    soon().until(() -> published().equals(List.of("left")));
    try (RawStream stream = server.stream("api/sse")) {
      stream.next(frame -> frame.is("hello"));
      commit("next");
      assertThat(stream.nextEvent().data()).startsWith("{\"type\":\"next\"");
    }
    assertThat(published()).containsExactly("left", "next");
  }

  private static List<String> threadsOfOurs() {
    return Jcmd.run(server.pid(), "Thread.print")
        .lines()
        .filter(line -> line.contains("samband") && !line.contains("io.samband.testing."))
        .toList();
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(60));
  }

  private static void commit(String... types) {
    assertThat(server.http().post("deeds?types=" + String.join(",", types), "").status())
        .isEqualTo(204);
  }

  private List<String> published() {
    return Log.after(server.http(), start).stream().map(Log.Event::type).toList();
  }

  private static JsonObject outbox() {
    return server.http().get("api/health/ready").json().asJsonObject().getJsonObject("outbox");
  }

  private static Connection begin() throws SQLException {
    Connection connection = database.connect();
    connection.setAutoCommit(false);
    return connection;
  }

  private static void lock(Connection connection, String table) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeQuery("SELECT id FROM " + table + " FOR UPDATE").close();
    }
  }

  private static int rows(String table) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
      rows.next();
      return rows.getInt(1);
    }
  }
}
