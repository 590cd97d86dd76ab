package io.samband.log.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.presence.PresenceContract;
import io.samband.presence.PresenceStore;
import io.samband.testing.PostgresServer;
import io.samband.testing.WrongClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresPresenceTest extends PresenceContract {
  private static final Map<Duration, PostgresServer> WRONG = new HashMap<>();

  private final PostgresServer server = PostgresServer.shared();
  private final String schema = Logs.newSchema();

  @BeforeEach
  void makeLog() {
    makeLog(server);
  }

  @AfterAll
  static void stopServers() {
    WRONG.values().forEach(PostgresServer::close);
    WRONG.clear();
  }

  private void makeLog(PostgresServer at) {
    var log = new PostgresStore(Logs.settings(at.url(), schema));
    log.open(0);
    log.close();
  }

  private PresenceStore store(PostgresServer at, String incarnation, String name) {
    return new PostgresPresence(
        new PostgresSettings(at.url(), PostgresServer.USER, null, schema, false, name),
        incarnation);
  }

  @Override
  protected PresenceStore newStore(String incarnation, String name) {
    return store(server, incarnation, name);
  }

  @Override
  protected PresenceStore newStore(String incarnation, Duration ahead) {
    PostgresServer wrong = WRONG.computeIfAbsent(ahead, by -> {
      PostgresServer started = PostgresServer.start(WrongClock.ahead(by));
      makeLog(started);
      return started;
    });
    return store(wrong, incarnation, incarnation);
  }

  @Override
  protected void loseEverything() {
    server.execute("TRUNCATE " + schema + ".presence_node, " + schema + ".presence_stream");
  }

  @Override
  protected void freezeServer() {
    server.freeze();
  }

  @Override
  protected void thawServer() {
    server.thaw();
  }

  @Test
  void aLogOfAnEarlierVersionGetsTheTablesBesideItAndKeepsItsFormat() {
    String format = "SELECT format FROM " + schema + ".meta";
    assertThat(server.query(format)).isEqualTo("1");
    // Nodes that start at the same time.
    CompletableFuture.allOf(IntStream.range(0, 4)
            .mapToObj(i -> CompletableFuture.runAsync(() -> {
              try (PresenceStore store = newStore("n" + i, "n")) {
                store.renew("5f3a9c21-7", 1);
              }
            }))
            .toArray(CompletableFuture<?>[]::new))
        .join();
    assertThat(server.query("SELECT count(*) FROM " + schema + ".presence_node"))
        .isEqualTo("4");
    assertThat(server.query(format)).isEqualTo("1");
  }

  @Test
  void afterACrashOfTheServerANodeBeginsAnew() {
    try (PresenceStore a = newStore("a", "a");
        PresenceStore b = newStore("b", "b")) {
      a.renew("5f3a9c21-7", 1);
      a.publish(2, List.of(new PresenceStore.Change(1, "{}")));
      assertThat(b.read(Map.of()).nodes()).hasSize(1);
      server.kill9();
      server.startAgain();
      await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(a.renew("5f3a9c21-7", 3)).isFalse());
      assertThat(server.query("SELECT count(*) FROM " + schema + ".presence_stream"))
          .isEqualTo("0");
    }
  }

  @Test
  void whatANodeLeavesBehindThatWasKilledIsRemoved() {
    try (PresenceStore a = newStore("a", "a");
        PresenceStore b = newStore("b", "b")) {
      a.renew("5f3a9c21-7", 1);
      a.publish(2, List.of(new PresenceStore.Change(1, "{}")));
      b.renew("5f3a9c21-7", 1);
      b.publish(2, List.of(new PresenceStore.Change(1, "{}")));
      server.execute("UPDATE " + schema
          + ".presence_node SET ends_at = ends_at - interval '2 minutes' WHERE incarnation = 'a'");
      b.tidy(0);
      assertThat(server.query(
              "SELECT string_agg(incarnation, ',') FROM " + schema + ".presence_stream"))
          .isEqualTo("b");
      assertThat(a.renew("5f3a9c21-7", 3)).isFalse();
    }
  }

  @Test
  void aStandbyThatIsSlowDelaysNobody() {
    try (PostgresServer primary = PostgresServer.start();
        PostgresServer standby = primary.addSynchronousStandby()) {
      makeLog(primary);
      try (PresenceStore a = store(primary, "a", "a")) {
        a.renew("5f3a9c21-7", 1);
        standby.freezeReceiver();
        try {
          // Would throw, if a commit waited for the standby.
          assertThat(a.renew("5f3a9c21-8", 2)).isTrue();
          a.publish(3, List.of(new PresenceStore.Change(1, "{}")));
          assertThat(a.read(Map.of()).nodes()).hasSize(1);
        } finally {
          standby.thawReceiver();
        }
      }
    }
  }
}
