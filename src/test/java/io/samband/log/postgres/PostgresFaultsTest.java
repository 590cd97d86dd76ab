package io.samband.log.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.samband.event.EventId;
import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.log.EventFilter;
import io.samband.log.EventLog;
import io.samband.log.LogEngine;
import io.samband.log.LogHealth;
import io.samband.log.LogState;
import io.samband.log.LogUnavailableException;
import io.samband.log.Page;
import io.samband.log.Replay;
import io.samband.log.SharedLogFigures;
import io.samband.log.pending.PendingEventLog;
import io.samband.log.shared.FencedException;
import io.samband.testing.FullDisk;
import io.samband.testing.LoggedLines;
import io.samband.testing.PostgresServer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happens to a log, and to those who use it, when its server or its standby is killed, frozen or replaced. */
class PostgresFaultsTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  /** Commits of a node that wait for the standby. */
  private static final String WAITS =
      "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND usename = 'samband'";

  private final List<AutoCloseable> open = new ArrayList<>();
  private final PostgresServer server = opened(PostgresServer.start());

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(0, resource);
    return resource;
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  private PendingEventLog log(String url) {
    return opened(new PendingEventLog(
        Logs.engine(url, "samband", 1_000_000), 10_000, 2_000, Duration.ofMillis(50)));
  }

  /** All that a node is told of, in the order in which it is told. */
  private static List<String> told(EventLog log) {
    List<String> told = Collections.synchronizedList(new ArrayList<>());
    log.follow((events, newest) ->
        events.forEach(event -> told.add(event.offset() + " " + event.jsonText())));
    return told;
  }

  private static CompletionStage<PublishOutcome> append(EventLog log, int number) {
    return log.append(List.of(new SSEEvent("a", String.valueOf(number), Instant.EPOCH)));
  }

  private static EventId durable(CompletionStage<PublishOutcome> append) throws Exception {
    PublishOutcome outcome = append.toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(outcome).isInstanceOf(PublishOutcome.Durable.class);
    return ((PublishOutcome.Durable) outcome).ids().get(0);
  }

  /** Every number is there once, in order; and the node was told the same. */
  private static void assertOnceInOrder(EventLog log, List<String> told, int count) {
    await().atMost(LIMIT).until(() -> told.size() >= count);
    List<String> stored = new ArrayList<>();
    long at = 0;
    while (at < log.state().newest()) {
      Page page = read(log, at);
      assertThat(page.reset()).isNull();
      page.events().forEach(event -> stored.add(event.offset() + " " + event.jsonText()));
      at = page.through();
    }
    assertThat(stored).hasSize(count).isEqualTo(told);
    for (int i = 0; i < count; i++) {
      assertThat(stored.get(i)).startsWith((i + 1) + " ").contains("\"data\":" + (i + 1) + ",");
    }
  }

  /** Connections for reading come back by themselves after a failure of the server, and need their time. */
  private static Page read(EventLog log, long after) {
    return await()
        .atMost(LIMIT)
        .ignoreExceptionsInstanceOf(LogUnavailableException.class)
        .until(() -> log.read(after, EventFilter.ALL, 1_000, 1 << 20), Objects::nonNull);
  }

  private static void awaitAnswer(EventLog log) {
    await().atMost(LIMIT).until(() -> log.health().isOk());
  }

  @Test
  void aServerThatIsKilledLosesNothingAndStoresWhatWasUnderWayOnce() throws Exception {
    LoggedLines pool = opened(new LoggedLines("com.zaxxer.hikari"));
    PendingEventLog log = log(server.url());
    PendingEventLog other = log(server.url());
    List<String> told = told(log);
    List<String> toldOther = told(other);
    String before = log.state().epoch();
    int number = 0;
    for (int kills = 0; kills < 2; kills++) {
      List<CompletionStage<PublishOutcome>> appends = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        appends.add(append(log, ++number));
        if (i == 100) {
          durable(appends.get(50));
          server.kill9();
        }
      }
      server.startAgain();
      await().atMost(LIMIT).until(() -> told.size() >= 200);
      awaitAnswer(log);
    }
    assertOnceInOrder(log, told, number);
    assertOnceInOrder(other, toldOther, number);
    assertThat(log.state().epoch()).isNotEqualTo(before);
    assertThat(log.state().gaps()).isEmpty();
    SharedLogFigures figures = log.shared().orElseThrow();
    assertThat(figures.epochs()).as("one for each kill").isEqualTo(2);
    assertThat(figures.reconnects()).isGreaterThanOrEqualTo(2);
    assertThat(figures.behind()).isZero();
    // The other one only reads: it may see two epochs at once.
    assertThat(other.shared().orElseThrow().epochs()).isBetween(1L, 2L);
    assertThat(other.shared().orElseThrow().behind()).isZero();
    assertThat(pool.traces()).as("what has happened is in our own lines").isEmpty();
    assertThat(log.replay(before + "-100").kind())
        .as("an event of before the first kill")
        .isEqualTo(Replay.Kind.COMPLETE);
  }

  @Test
  void aFrozenServerIsStaleAndGoesOnInOrder() throws Exception {
    PendingEventLog log = log(server.url());
    List<String> told = told(log);
    durable(append(log, 1));
    server.freeze();
    CompletableFuture<PublishOutcome> waits = append(log, 2).toCompletableFuture();
    await()
        .atMost(LIMIT)
        .until(() -> log.health().status() == LogHealth.Status.STALE && waits.isDone());
    assertThat(waits.get()).isInstanceOf(PublishOutcome.Waiting.class);
    assertThat(log.appendNow(SSEEvent.of("b", null), null).toCompletableFuture().get())
        .isInstanceOf(PublishOutcome.Refused.class);
    var unused = append(log, 3);
    assertThat(told).hasSize(1);
    assertThat(log.shared().orElseThrow().isStale()).isTrue();
    assertThat(log.health().waitingMillis()).isGreaterThanOrEqualTo(2_000);
    server.thaw();
    awaitAnswer(log);
    durable(append(log, 4));
    assertOnceInOrder(log, told, 4);
  }

  @Test
  void whatAFrozenStandbyHasNotGotIsSeenByNobodyAndStoredOnce() throws Exception {
    PendingEventLog log = log(server.url());
    PendingEventLog other = log(server.url());
    List<String> told = told(log);
    List<String> toldOther = told(other);
    PostgresServer standby = opened(server.addSynchronousStandby());
    durable(append(log, 1));
    standby.freezeReceiver();
    CompletableFuture<PublishOutcome> waits = append(log, 2).toCompletableFuture();
    await().atMost(LIMIT).until(() -> !server.query(WAITS).equals("0"));
    await().atMost(LIMIT).until(waits::isDone);
    assertThat(waits.get()).isInstanceOf(PublishOutcome.Waiting.class);
    assertThat(log.health().status()).as("it can be asked").isEqualTo(LogHealth.Status.FAILING);
    assertThat(other.health().status()).isEqualTo(LogHealth.Status.OK);
    // Longer than an append waits for its answer: it is sent again, and waits behind the first.
    await()
        .pollDelay(Duration.ofSeconds(7))
        .atMost(LIMIT)
        .until(() -> Integer.parseInt(server.query(WAITS)) == 1);
    assertThat(other.state().newest()).isEqualTo(1);
    standby.thawReceiver();
    awaitAnswer(log);
    durable(append(log, 3));
    assertOnceInOrder(log, told, 3);
    assertOnceInOrder(other, toldOther, 3);
  }

  @Test
  void aCancelledWaitForTheStandbyIsNotAcknowledged() throws Exception {
    assertNotAcknowledged("pg_cancel_backend");
  }

  @Test
  void aConnectionThatIsLostBetweenTheCommitAndItsAnswerIsARepeat() throws Exception {
    assertNotAcknowledged("pg_terminate_backend");
  }

  private void assertNotAcknowledged(String cut) throws Exception {
    PendingEventLog log = log(server.url());
    List<String> told = told(log);
    PostgresServer standby = opened(server.addSynchronousStandby());
    durable(append(log, 1));
    standby.freezeReceiver();
    CompletableFuture<PublishOutcome> append = append(log, 2).toCompletableFuture();
    await().atMost(LIMIT).until(() -> !server.query(WAITS).equals("0"));
    server.execute(WAITS.replace("count(*)", cut + "(pid)"));
    // The node opens the log again before it repeats the batch, and that waits for the standby,
    // too.
    await().atMost(LIMIT).until(() -> server.log().contains("canceling "));
    await().atMost(LIMIT).until(() -> !server.query(WAITS).equals("0"));
    assertThat(!append.isDone() || append.get() instanceof PublishOutcome.Waiting)
        .isTrue();
    assertThat(server.query("SELECT count(*) FROM samband.event")).isEqualTo("2");
    standby.thawReceiver();
    awaitAnswer(log);
    durable(append(log, 3));
    assertOnceInOrder(log, told, 3);
    assertThat(log.shared().orElseThrow().repeats()).isEqualTo(1);
  }

  @Test
  void theStandbyTakesOverWithoutAReset() throws Exception {
    PostgresServer standby = opened(server.addSynchronousStandby());
    String url = "jdbc:postgresql://127.0.0.1:" + server.port() + ",127.0.0.1:" + standby.port()
        + "/samband";
    PendingEventLog log = log(url);
    PendingEventLog other = log(url);
    List<String> told = told(log);
    List<String> toldOther = told(other);
    for (int i = 1; i <= 20; i++) {
      var unused = append(log, i);
    }
    durable(append(log, 21));
    EventId cursor = log.newestId();
    CompletionStage<PublishOutcome> underWay = append(log, 22);
    server.kill9();
    standby.promote();
    var unused = underWay.toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    await().atMost(LIMIT).until(() -> told.size() >= 22);
    awaitAnswer(log);
    EventId after = durable(append(log, 23));
    assertOnceInOrder(log, told, 23);
    assertOnceInOrder(other, toldOther, 23);
    assertThat(after.epoch()).isNotEqualTo(cursor.epoch());
    assertThat(log.replay(cursor.toString()).kind()).isEqualTo(Replay.Kind.COMPLETE);
    assertThat(log.state().gaps()).isEmpty();
  }

  @Test
  void aFullDiskRefusesTheWholeBatchAndUsesNoNumber() throws Exception {
    FullDisk disk = opened(new FullDisk());
    PostgresServer small = opened(PostgresServer.start(disk));
    PendingEventLog log = log(small.url());
    List<String> told = told(log);
    durable(append(log, 1));
    disk.fill();
    int number = 1;
    PublishOutcome outcome;
    do {
      outcome =
          append(log, ++number).toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } while (outcome instanceof PublishOutcome.Durable && number < 1_000);
    assertThat(outcome).isInstanceOf(PublishOutcome.Waiting.class);
    assertThat(small.log()).contains("No space left on device");
    assertThat(log.health().status()).as("it can be asked").isEqualTo(LogHealth.Status.FAILING);
    assertThat(log.appendNow(SSEEvent.of("b", null), null).toCompletableFuture().get())
        .isInstanceOf(PublishOutcome.Refused.class);
    var unused = append(log, ++number);
    assertThat(small.query("SELECT max(event_offset) FROM samband.event"))
        .isEqualTo(String.valueOf(number - 2));
    assertThat(told).hasSize(number - 2);

    disk.free();
    awaitAnswer(log);
    durable(append(log, ++number));
    assertOnceInOrder(log, told, number);
    assertThat(log.state().gaps()).isEmpty();
  }

  @Test
  void aDiskThatIsFullForTheWriteAheadLogEndsTheServerAndLosesNothing() throws Exception {
    FullDisk disk = opened(new FullDisk());
    PostgresServer small = opened(PostgresServer.start(disk));
    PendingEventLog log = log(small.url());
    List<String> told = told(log);
    durable(append(log, 1));
    disk.fill();
    // The next write needs a new file.
    small.execute("SELECT pg_switch_wal()");
    var unused = append(log, 2);
    small.awaitExit();
    disk.free();
    small.startAgain();
    // It may not have been tried while the server was gone, and then meets one that is starting up.
    unused = append(log, 3);
    assertOnceInOrder(log, told, 3);
    assertThat(log.state().gaps()).isEmpty();
  }

  @Test
  void aNodeOnWhichNothingHappensBeginsTheEpochOfAnotherServerToo() {
    PendingEventLog log = log(server.url());
    LogState before = log.state();
    // As if the tables had been made by another server.
    server.execute("UPDATE samband.epoch SET incarnation = 'another'");
    await().atMost(LIMIT).until(() -> !log.state().epoch().equals(before.epoch()));
    awaitAnswer(log);
    assertThat(log.replay(before.newestId().toString()).kind()).isEqualTo(Replay.Kind.COMPLETE);
  }

  @Test
  void anAppendIsFencedIfTheServerIsNotThatOfTheNewestEpoch() {
    PostgresStore store = new PostgresStore(Logs.settings(server.url(), "samband"));
    opened((AutoCloseable) store::close);
    LogState state = store.open(0);
    server.execute("UPDATE samband.epoch SET incarnation = 'another'");
    var batch = new LogEngine.Batch("n", 1, 1, List.of());
    assertThatThrownBy(() -> store.append(state.epoch(), batch))
        .isInstanceOf(FencedException.class);
    assertThat(server.query("SELECT count(*) FROM samband.gap")).isEqualTo("0");
  }

  @Test
  void twoLogsOfOneServerDoNotWaitForEachOther() throws Exception {
    PendingEventLog log = log(server.url());
    PendingEventLog blocked = opened(new PendingEventLog(
        Logs.engine(server.url(), "other", 1_000), 10_000, 2_000, Duration.ofMillis(50)));
    try (var connection = server.connect();
        var statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SET search_path = other; SELECT lock_numbering()");
      CompletionStage<PublishOutcome> waits = append(blocked, 1);
      durable(append(log, 1));
      assertThat(waits.toCompletableFuture()).isNotDone();
      connection.rollback();
      durable(append(blocked, 2));
    }
    assertThat(blocked.state().newest()).isEqualTo(2);
  }
}
