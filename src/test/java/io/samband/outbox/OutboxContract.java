package io.samband.outbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.samband.event.Audience;
import io.samband.event.EventId;
import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.log.Entry;
import io.samband.log.EventFilter;
import io.samband.log.EventLog;
import io.samband.log.FakeDisk;
import io.samband.log.IdempotencyKey;
import io.samband.log.LoggedEvent;
import io.samband.log.Page;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the outbox does on every database: its tables, the statements, and the relay with a real log behind it. */
@Timeout(120)
abstract class OutboxContract {
  /** Longer than a test takes: what is relayed then is relayed because somebody said so. */
  private static final long NEVER_MILLIS = 3_600_000;

  private static final long SOON_MILLIS = 20;

  private final FakeDisk disk = new FakeDisk();
  private final List<Relay> relays = new ArrayList<>();
  private EventLog log;
  private OutboxTable table;

  /** A connection to the database of this test that commits by itself. */
  protected abstract Connection connect() throws SQLException;

  @BeforeEach
  void makeTables() throws SQLException {
    update("DROP TABLE IF EXISTS samband_outbox", "DROP TABLE IF EXISTS samband_outbox_relay");
    try (Connection connection = connect()) {
      OutboxSchema.create(connection);
      assertThat(OutboxSchema.problem(connection)).isNull();
      table = new OutboxTable(Dialect.of(connection));
    }
    log = disk.open(1_000_000, 10_000);
  }

  @AfterEach
  void close() {
    disk.hang(false);
    disk.full(false);
    relays.forEach(Relay::close);
    log.close();
  }

  private void update(String... statements) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** A connection in a transaction. */
  private Connection begin() throws SQLException {
    Connection connection = connect();
    connection.setAutoCommit(false);
    return connection;
  }

  private static List<SSEEvent> events(String... types) {
    return Arrays.stream(types).map(type -> SSEEvent.of(type, null)).toList();
  }

  private void commit(String... types) throws SQLException {
    try (Connection transaction = begin()) {
      table.insert(transaction, events(types));
      transaction.commit();
    }
  }

  private List<OutboxTable.Row> oldest(int rows, long bytes) throws SQLException {
    try (Connection connection = begin()) {
      return table.oldest(connection, rows, bytes);
    }
  }

  private List<String> waiting() throws SQLException {
    return types(oldest(1_000, Long.MAX_VALUE));
  }

  private static List<String> types(List<OutboxTable.Row> rows) {
    return rows.stream().map(row -> row.entry().type()).toList();
  }

  private List<LoggedEvent> logged() {
    List<LoggedEvent> events = new ArrayList<>();
    long newest = log.state().newest();
    for (long at = 0; at < newest; ) {
      Page page = log.read(at, EventFilter.ALL, 1_000, 1 << 20);
      assertThat(page.reset()).isNull();
      events.addAll(page.events());
      at = page.through();
    }
    return events;
  }

  private List<String> loggedTypes() {
    return logged().stream().map(LoggedEvent::type).toList();
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(60));
  }

  // The tables.

  @Test
  void tablesThatAreThereAreLeftAlone() throws SQLException {
    commit("a");
    try (Connection connection = connect()) {
      OutboxSchema.create(connection);
      assertThat(OutboxSchema.problem(connection)).isNull();
    }
    assertThat(waiting()).containsExactly("a");
  }

  @Test
  void severalNodesMayMakeTheTablesAtTheSameMoment() throws Exception {
    update("DROP TABLE samband_outbox", "DROP TABLE samband_outbox_relay");
    List<Object> results = Collections.synchronizedList(new ArrayList<>());
    List<Thread> nodes = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      nodes.add(new Thread(() -> {
        try (Connection connection = connect()) {
          OutboxSchema.create(connection);
          results.add(String.valueOf(OutboxSchema.problem(connection)));
        } catch (SQLException e) {
          results.add(e);
        }
      }));
    }
    nodes.forEach(Thread::start);
    for (Thread node : nodes) {
      node.join();
    }
    assertThat(results).hasSize(8).containsOnly("null");
  }

  @Test
  void aMissingTableAndOneWithOtherColumnsIsAProblemThatIsNamed() throws SQLException {
    update("ALTER TABLE samband_outbox ADD COLUMN sender VARCHAR(9)");
    try (Connection connection = connect()) {
      assertThat(OutboxSchema.problem(connection)).contains("samband_outbox", "sender");
      update("ALTER TABLE samband_outbox DROP COLUMN sender");
      assertThat(OutboxSchema.problem(connection)).isNull();
      update("ALTER TABLE samband_outbox DROP COLUMN audience");
      assertThat(OutboxSchema.problem(connection)).contains("must have", "audience");
      update("DROP TABLE samband_outbox");
      assertThat(OutboxSchema.problem(connection)).contains("no table samband_outbox ");
      OutboxSchema.create(connection);
      update("DROP TABLE samband_outbox_relay");
      assertThat(OutboxSchema.problem(connection)).contains("no table samband_outbox_relay ");
    }
  }

  @Test
  void theRowThatRelaysLockIsAddedToTablesThatWereMadeByHand() throws SQLException {
    update("DELETE FROM samband_outbox_relay");
    try (Connection connection = begin()) {
      assertThat(table.lock(connection)).isFalse();
    }
    try (Connection connection = connect()) {
      assertThat(OutboxSchema.problem(connection)).isNull();
    }
    try (Connection connection = begin()) {
      assertThat(table.lock(connection)).isTrue();
    }
  }

  // The statements.

  @Test
  void aRowHoldsWhatTheLogStores() throws SQLException {
    SSEEvent everybody = SSEEvent.of("a", "Bilbrann på E6 😀 \u0000");
    SSEEvent some = SSEEvent.of("b", null).to("user:kåre", "station:B12");
    try (Connection transaction = begin()) {
      table.insert(transaction, List.of(everybody, some));
      transaction.commit();
    }
    List<OutboxTable.Row> rows = oldest(10, 1_000_000);

    assertThat(types(rows)).containsExactly("a", "b");
    assertThat(rows.get(0).entry().json()).isEqualTo(everybody.json());
    assertThat(rows.get(0).entry().audience()).isEqualTo(Audience.EVERYBODY);
    assertThat(rows.get(1).entry().json()).isEqualTo(some.json());
    assertThat(rows.get(1).entry().audience()).isEqualTo(some.audience());
    assertThat(rows)
        .extracting(row -> row.entry().key().value())
        .doesNotHaveDuplicates()
        .allMatch(key -> key.matches("outbox:[0-9a-f-]{36}"));
    assertThat(oldest(10, 1_000_000).get(0).entry().key())
        .as("the same each time it is read")
        .isEqualTo(rows.get(0).entry().key());
  }

  @Test
  void theLargestEventAndTheLargestAudienceFit() throws SQLException {
    SSEEvent.limitDataBytes(524_288);
    try (Connection transaction = begin()) {
      String[] attributes = new String[Audience.MAX_ATTRIBUTES];
      Arrays.setAll(
          attributes, i -> "a" + (char) ('a' + i) + ":" + "å".repeat(Audience.MAX_LENGTH - 3));
      SSEEvent largest = SSEEvent.of("a".repeat(64), "x".repeat(524_286)).to(attributes);
      table.insert(transaction, List.of(largest));
      transaction.commit();
      Entry entry = oldest(1, 1).get(0).entry();
      assertThat(entry.json()).isEqualTo(largest.json());
      assertThat(entry.audience()).isEqualTo(largest.audience());
    } finally {
      SSEEvent.limitDataBytes(SSEEvent.DEFAULT_MAX_DATA_BYTES);
    }
  }

  @Test
  void aRollbackLeavesNothing() throws SQLException {
    try (Connection transaction = begin()) {
      table.insert(transaction, events("a"));
      transaction.rollback();
    }
    assertThat(waiting()).isEmpty();
  }

  @Test
  void eventsThatCannotBeWrittenLeaveNothingAndTheTransactionGoesOn() throws SQLException {
    update(
        "ALTER TABLE samband_outbox ADD CONSTRAINT no_b CHECK (type <> 'b')",
        "DROP TABLE IF EXISTS deed",
        "CREATE TABLE deed (id INTEGER)");
    try (Connection transaction = begin();
        Statement statement = transaction.createStatement()) {
      statement.executeUpdate("INSERT INTO deed VALUES (1)");
      table.insert(transaction, events("first"));
      List<SSEEvent> more = events("a", "b", "c");
      assertThatThrownBy(() -> table.insert(transaction, more)).isInstanceOf(SQLException.class);
      statement.executeUpdate("INSERT INTO deed VALUES (2)");
      transaction.commit();
    }
    assertThat(waiting()).containsExactly("first");
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        var deeds = statement.executeQuery("SELECT COUNT(*) FROM deed")) {
      deeds.next();
      assertThat(deeds.getInt(1)).isEqualTo(2);
    }
  }

  @Test
  void aConnectionThatIsInNoTransactionIsRefused() throws SQLException {
    try (Connection connection = connect()) {
      assertThatThrownBy(() -> table.insert(connection, events("a")))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("does not take part");
    }
    assertThat(waiting()).isEmpty();
  }

  @Test
  void oneRelayHasTheLockAndOthersDoNotWaitForIt() throws SQLException {
    try (Connection first = begin();
        Connection second = begin()) {
      assertThat(table.lock(first)).isTrue();
      assertThat(table.lock(second)).isFalse();
      first.rollback();
      assertThat(table.lock(second)).isTrue();
    }
  }

  @Test
  void aRoundReadsUpToItsBoundsButAlwaysOneRow() throws SQLException {
    commit("a", "b", "c");
    long one = oldest(1, 1_000).get(0).entry().json().length;

    assertThat(types(oldest(2, 1_000_000))).containsExactly("a", "b");
    assertThat(types(oldest(10, 1))).containsExactly("a");
    assertThat(types(oldest(10, one + 1))).containsExactly("a", "b");
  }

  @Test
  void onlyRowsThatWereReadAreDeletedNotThoseThatAppearBetweenThem() throws SQLException {
    try (Connection early = begin();
        Connection relay = begin()) {
      table.insert(early, events("low_number_late_commit"));
      commit("high_number");
      List<OutboxTable.Row> read = table.oldest(relay, 10, 1_000_000);
      assertThat(types(read)).containsExactly("high_number");
      early.commit();
      table.delete(relay, read);
      relay.commit();
    }
    assertThat(waiting()).containsExactly("low_number_late_commit");
  }

  @Test
  void theBacklogIsCountedAndItsAgeIsThatOfTheOldestRowByTheClockOfTheDatabase()
      throws SQLException {
    try (Connection connection = connect()) {
      assertThat(table.backlog(connection)).isEqualTo(new OutboxTable.Backlog(0, Duration.ZERO));
      commit("a", "b");
      assertThat(table.backlog(connection).rows()).isEqualTo(2);
      update("UPDATE samband_outbox SET created_at = created_at - INTERVAL '2' HOUR"
          + " WHERE type = 'a'");
      assertThat(table.backlog(connection).age())
          .isBetween(Duration.ofHours(2), Duration.ofHours(3));
    }
  }

  // The relay.

  /** What a server does around the work: each call in a transaction of its own. */
  private class Transactions implements Relay.Source {
    private final RelayWork work = new RelayWork(table, log);

    @Override
    public Round round() throws SQLException {
      try (Connection connection = begin()) {
        Round round = work.round(connection);
        beforeCommit();
        connection.commit();
        return round;
      }
    }

    void beforeCommit() throws SQLException {
      // For tests that fail here.
    }

    @Override
    public OutboxTable.Backlog backlog() throws SQLException {
      try (Connection connection = begin()) {
        return table.backlog(connection);
      }
    }
  }

  private Relay relay(Relay.Source source, long lookMillis) {
    Relay relay = new Relay(source, lookMillis);
    relays.add(relay);
    relay.start();
    return relay;
  }

  @Test
  void whatWaitsAtTheStartIsRelayedInTheOrderOfItsRowsAndRemoved() throws Exception {
    commit("a", "b", "c");
    List<OutboxTable.Row> rows = oldest(10, 1_000_000);
    relay(new Transactions(), NEVER_MILLIS);

    soon().until(() -> waiting().isEmpty());
    assertThat(loggedTypes()).containsExactly("a", "b", "c");
    assertThat(logged().get(0).json()).isEqualTo(rows.get(0).entry().json());
    assertThat(log.appendNow(List.of(rows.get(0).entry())).toCompletableFuture().get())
        .as("the key is known")
        .isEqualTo(new PublishOutcome.Durable(List.of(logged().get(0).id())));
  }

  @Test
  void tablesThatAreEmptiedUnderARelayAreUsedOn() throws Exception {
    Relay relay = relay(new Transactions(), SOON_MILLIS);
    update("DELETE FROM samband_outbox_relay");
    commit("a");
    relay.wake();
    soon().until(() -> waiting().isEmpty());
    assertThat(loggedTypes()).containsExactly("a");
  }

  @Test
  void aWakeUpRelaysAtOnceAndALookRelaysWithoutOne() throws Exception {
    Relay woken = relay(new Transactions(), NEVER_MILLIS);
    soon().until(() -> woken.health().lookSeconds() < NEVER_MILLIS / 1e3);
    commit("a");
    woken.wake();
    soon().until(() -> loggedTypes().equals(List.of("a")));
    woken.close();

    relay(new Transactions(), SOON_MILLIS);
    soon().until(() -> waiting().isEmpty());
    commit("b");
    soon().until(() -> loggedTypes().equals(List.of("a", "b")));
  }

  @Test
  void moreThanOneRoundTakesIsRelayedWithoutAnotherWakeUp() throws Exception {
    String[] types = new String[1_201];
    Arrays.setAll(types, i -> "t" + i);
    commit(types);
    relay(new Transactions(), NEVER_MILLIS);

    soon().until(() -> loggedTypes().size() == types.length);
    assertThat(loggedTypes()).containsExactly(types);
  }

  @Test
  void aRowThatIsCommittedLateIsRelayedLate() throws Exception {
    try (Connection early = begin()) {
      table.insert(early, events("a1", "a2"));
      Relay relay = relay(new Transactions(), NEVER_MILLIS);
      commit("b1", "b2");
      relay.wake();
      soon().until(() -> loggedTypes().equals(List.of("b1", "b2")));
      early.commit();
      relay.wake();
      soon().until(() -> waiting().isEmpty());
    }
    assertThat(loggedTypes()).containsExactly("b1", "b2", "a1", "a2");
  }

  @Test
  void anEventIsInTheLogOnceIfTheRelayIsCutOffBetweenAppendAndDelete() throws Exception {
    commit("a", "b");
    var cuts = new AtomicInteger(3);
    relay(
        new Transactions() {
          @Override
          void beforeCommit() throws SQLException {
            if (cuts.getAndDecrement() > 0) {
              throw new SQLException("cut off");
            }
          }
        },
        SOON_MILLIS);

    soon().until(() -> waiting().isEmpty());
    assertThat(cuts.get()).isNegative();
    assertThat(loggedTypes()).containsExactly("a", "b");
  }

  @Test
  void whileTheLogFailsRowsStayAndTheHealthSaysSo() throws Exception {
    disk.full(true);
    commit("a", "b");
    Relay relay = relay(new Transactions(), SOON_MILLIS);
    soon().until(() -> relay.health().problem() != null && relay.health().backlog() == 2);
    commit("c");
    relay.wake();
    soon().until(() -> relay.health().backlog() == 3);
    assertThat(log.health().isOk()).isFalse();
    assertThat(log.health().pending()).as("it does not wait in memory, too").isLessThan(3);

    disk.full(false);
    soon().until(() -> waiting().isEmpty());
    assertThat(loggedTypes()).containsExactly("a", "b", "c");
    soon().until(() -> relay.health().problem() == null && relay.health().backlog() == 0);
  }

  @Test
  void anAnswerOfTheLogThatNeverCameIsFollowedByARepeatThatStoresNothingTwice() throws Exception {
    disk.hang(true);
    commit("a", "b");
    Relay relay = relay(new Transactions(), SOON_MILLIS);
    soon().until(() -> relay.health().problem() != null);
    disk.hang(false);

    soon().until(() -> waiting().isEmpty());
    assertThat(loggedTypes()).containsExactly("a", "b");
  }

  @Test
  void whileTheDatabaseFailsTheRelayTriesAgainAndItsLookIsOld() throws Exception {
    commit("a");
    var down = new AtomicBoolean(true);
    var attempts = new AtomicInteger();
    Relay relay = relay(
        new Transactions() {
          @Override
          public OutboxTable.Backlog backlog() throws SQLException {
            if (down.get()) {
              attempts.incrementAndGet();
              throw new SQLException("the database is down");
            }
            return super.backlog();
          }
        },
        SOON_MILLIS);
    long begun = System.nanoTime();
    soon().until(() -> attempts.get() >= 4);
    double seconds = (System.nanoTime() - begun) / 1e9;
    assertThat(relay.health().lookSeconds()).as("no attempt counts").isGreaterThan(seconds);
    soon().until(() -> relay.health().problem() != null);
    assertThat(relay.health().problem()).contains("the database is down");
    down.set(false);

    soon().until(() -> waiting().isEmpty() && relay.health().problem() == null);
    assertThat(loggedTypes()).containsExactly("a");
  }

  @Test
  void anErrorDoesNotEndTheRelay() throws Exception {
    commit("a");
    var errors = new AtomicInteger(2);
    relay(
        new Transactions() {
          @Override
          public Round round() throws SQLException {
            if (errors.getAndDecrement() > 0) {
              throw new OutOfMemoryError("meant");
            }
            return super.round();
          }
        },
        SOON_MILLIS);

    soon().until(() -> loggedTypes().equals(List.of("a")));
  }

  @Test
  void theRelaysOfSeveralNodesPublishEachEventOnceAndKeepTheOrderOfATransaction() throws Exception {
    List<Relay> nodes = List.of(
        relay(new Transactions(), SOON_MILLIS),
        relay(new Transactions(), SOON_MILLIS),
        relay(new Transactions(), SOON_MILLIS));
    List<Thread> modules = new ArrayList<>();
    for (int m = 0; m < 4; m++) {
      int module = m;
      modules.add(new Thread(() -> {
        try {
          for (int n = 0; n < 30; n++) {
            String name = "m" + module + "_" + n + "_";
            commit(name + 0, name + 1, name + 2);
            nodes.get(n % nodes.size()).wake();
          }
        } catch (SQLException e) {
          throw new IllegalStateException(e);
        }
      }));
    }
    modules.forEach(Thread::start);
    for (Thread module : modules) {
      module.join();
    }
    soon().until(() -> waiting().isEmpty());

    List<String> types = loggedTypes();
    assertThat(types).hasSize(360).doesNotHaveDuplicates();
    for (int module = 0; module < 4; module++) {
      for (int n = 0; n < 30; n++) {
        String name = "m" + module + "_" + n + "_";
        assertThat(types).containsSubsequence(name + 0, name + 1, name + 2);
      }
    }
  }

  @Test
  void aNodeThatFindsTheLockTakenLooksAgainWithoutWaitingForItsNextLook() throws Exception {
    try (Connection other = begin()) {
      table.lock(other);
      commit("a");
      relay(new Transactions(), NEVER_MILLIS).wake();
      var seen = new AtomicInteger();
      Relay counting = relay(
          new Transactions() {
            @Override
            public Round round() throws SQLException {
              Round round = super.round();
              if (round.next() == Round.Next.LOOK_AGAIN) {
                seen.incrementAndGet();
              }
              return round;
            }
          },
          NEVER_MILLIS);
      counting.wake();
      soon().until(() -> seen.get() > 2);
      assertThat(logged()).isEmpty();
      assertThat(counting.health().problem()).isNull();
    }
    soon().until(() -> loggedTypes().equals(List.of("a")));
  }

  @Test
  void aRowWhoseKeySomebodyElseUsedStaysAndStopsNoOther() throws Exception {
    commit("a", "b");
    Entry first = oldest(1, 1_000).get(0).entry();
    IdempotencyKey same = IdempotencyKey.of(first.key().value(), "other".getBytes(UTF_8));
    log.appendNow(SSEEvent.of("other", null), same).toCompletableFuture().get();
    Relay relay = relay(new Transactions(), SOON_MILLIS);

    soon().until(() -> loggedTypes().equals(List.of("other", "b")));
    soon()
        .until(() -> String.valueOf(relay.health().problem()).contains("belongs to another event"));
    commit("c");
    soon().until(() -> loggedTypes().equals(List.of("other", "b", "c")));
    assertThat(waiting()).containsExactly("a");
  }

  @Test
  void twoOutboxesOfOneLogHaveRowsOfTheSameNumbersAndDifferentKeys() throws Exception {
    commit("a");
    relay(new Transactions(), SOON_MILLIS);
    soon().until(() -> waiting().isEmpty());
    relays.forEach(Relay::close);
    // Another database, or this one after it was put back: its numbers begin again.
    update("DROP TABLE samband_outbox");
    try (Connection connection = connect()) {
      OutboxSchema.create(connection);
    }
    commit("b");
    assertThat(oldest(1, 1_000).get(0).id()).isEqualTo(1);
    relay(new Transactions(), SOON_MILLIS);

    soon().until(() -> waiting().isEmpty());
    assertThat(loggedTypes()).containsExactly("a", "b");
  }

  @Test
  void theEndOfARelayLeavesItsThreadDeadAndItsRowsInPlace() throws Exception {
    Relay relay = relay(new Transactions(), SOON_MILLIS);
    soon().until(() -> relay.health().lookSeconds() < 1);
    relay.close();
    commit("a");
    relay.wake();

    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("samband-outbox"));
    assertThat(waiting()).containsExactly("a");
    assertThat(log.state().newestId()).extracting(EventId::offset).isEqualTo(0L);
  }
}
