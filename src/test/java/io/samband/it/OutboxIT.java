package io.samband.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.testing.Frame;
import io.samband.testing.Http;
import io.samband.testing.InstalledWireCheck;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import io.samband.testing.WireCheck;
import jakarta.annotation.Resource;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.json.JsonObject;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import jakarta.transaction.UserTransaction;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.container.annotation.ArquillianTest;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.importer.ZipImporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs inside the server, as a module does: its transactions, its default data source, and the outbox in that. */
@ArquillianTest
class OutboxIT {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  @Inject
  private Event<SSEEvent> push;

  @Inject
  private AnotherTransaction another;

  @Inject
  private RelayLock relayLock;

  @Resource
  private UserTransaction transaction;

  @Resource
  TransactionSynchronizationRegistry registry;

  @Resource(lookup = "java:comp/DefaultDataSource")
  private DataSource dataSource;

  private final Http http = new Http(base());
  private String cursor;

  @Deployment
  static WebArchive war() {
    return ShrinkWrap.create(ZipImporter.class, "samband.war")
        .importFrom(LiveServer.war().toFile())
        .as(WebArchive.class)
        .addClasses(
            AnotherTransaction.class,
            Frame.class,
            Http.class,
            Http.Answer.class,
            RawStream.class,
            RelayLock.class)
        .addClasses(RawStream.class.getDeclaredClasses())
        .addClasses(WireCheck.class, InstalledWireCheck.class)
        .addAsResource(new StringAsset("""
            samband.outbox.data-source=java:comp/DefaultDataSource
            samband.outbox.create-table=true
            """), "META-INF/microprofile-config.properties");
  }

  private static URI base() {
    return URI.create("http://127.0.0.1:" + Integer.getInteger("it.port", 8080) + "/");
  }

  @BeforeEach
  void fromHereOn() throws Exception {
    execute("CREATE TABLE IF NOT EXISTS deed (name VARCHAR(64))");
    execute("DELETE FROM deed");
    await("an empty outbox", () -> rows("samband_outbox") == 0);
    cursor = http.get("api/sse/poll").json().asJsonObject().getString("lastEventId");
  }

  @Test
  void eventsOfATransactionThatUsesNoDatabaseAreDeliveredInTheOrderFiredAndTheTableIsEmpty()
      throws Exception {
    try (RawStream stream = RawStream.open(base(), "api/sse")) {
      stream.next(frame -> frame.is("hello"));
      for (int round = 0; round < 20; round++) {
        transaction.begin();
        fire("first");
        fire("second");
        fire("third");
        transaction.commit();
        for (String type : List.of("first", "second", "third")) {
          String data = stream.nextEvent().data();
          assertTrue(data.startsWith("{\"type\":\"" + type + "\","), data);
        }
      }
    }
    await("an empty outbox", () -> rows("samband_outbox") == 0);
    assertEquals(60, published().size());
  }

  @Test
  void theDeedAndItsEventAreCommittedTogether() throws Exception {
    transaction.begin();
    execute("INSERT INTO deed VALUES ('done')");
    fire("done");
    assertEquals(List.of(), published());
    assertEquals(0, another.rows("samband_outbox"));
    transaction.commit();

    await("the event", () -> published().equals(List.of("done")));
    assertEquals(1, rows("deed"));
  }

  @Test
  void aRollbackLeavesNeitherARowNorAnEvent() throws Exception {
    SSEEvent event = event("rolled_back");
    transaction.begin();
    execute("INSERT INTO deed VALUES ('undone')");
    push.fire(event);
    transaction.rollback();
    assertInstanceOf(PublishOutcome.Refused.class, outcome(event));

    transaction.begin();
    fire("cannot_commit");
    registry.registerInterposedSynchronization(new LastMoment(() -> registry.setRollbackOnly()));
    try {
      transaction.commit();
    } catch (jakarta.transaction.RollbackException meant) {
      // Our row was written before that.
    }
    assertEquals(0, rows("samband_outbox"));
    assertEquals(0, rows("deed"));
    fence();
    assertEquals(List.of("fence"), published());
  }

  @Test
  void theEventsOfTwoTransactionsThatOverlapAreEachInOrder() throws Exception {
    transaction.begin();
    fire("outer_1");
    another.fire("inner_1", "inner_2");
    await("the inner ones", () -> published().equals(List.of("inner_1", "inner_2")));
    fire("outer_2");
    transaction.commit();

    await("all", () -> published().size() == 4);
    assertEquals(List.of("inner_1", "inner_2", "outer_1", "outer_2"), published());
  }

  @Test
  void anEventThatIsFiredWhileTheTransactionCompletesIsInTheOutboxToo() throws Exception {
    double before = metric("samband_outbox_relayed_total");
    transaction.begin();
    fire("early");
    // Called after ours, as JPA is with what it has to write.
    registry.registerInterposedSynchronization(new LastMoment(() -> fire("late")));
    transaction.commit();

    await("both", () -> published().equals(List.of("early", "late")));
    await("both relayed", () -> metric("samband_outbox_relayed_total") == before + 2);
  }

  @Test
  void anEventIsWaitingWhenTheCommitReturnsAndDurableAtOnceOutsideATransaction() throws Exception {
    SSEEvent committed = event("committed");
    transaction.begin();
    push.fire(committed);
    assertNull(outcome(committed));
    transaction.commit();
    assertInstanceOf(PublishOutcome.Waiting.class, outcome(committed));
    await("the event", () -> published().equals(List.of("committed")));

    SSEEvent alone = event("alone");
    push.fire(alone);
    assertInstanceOf(PublishOutcome.Durable.class, outcome(alone));
  }

  @Test
  void anEventThatCannotBeWrittenDoesNotBreakTheTransactionIsPublishedAfterItAndCounted()
      throws Exception {
    double before = metric("samband_outbox_bypassed_total");
    execute("ALTER TABLE samband_outbox ADD CONSTRAINT no_refused CHECK (type <> 'refused')");
    try {
      SSEEvent refused = event("refused");
      transaction.begin();
      execute("INSERT INTO deed VALUES ('done')");
      fire("beside");
      push.fire(refused);
      transaction.commit();

      assertInstanceOf(PublishOutcome.Durable.class, outcome(refused));
      assertEquals(List.of("beside", "refused"), published());
      assertEquals(1, rows("deed"));
      assertEquals(before + 2, metric("samband_outbox_bypassed_total"));
      fence();
      assertEquals(List.of("beside", "refused", "fence"), published());
    } finally {
      execute("ALTER TABLE samband_outbox DROP CONSTRAINT no_refused");
    }
  }

  @Test
  void theHealthTellsTheBacklogAndTheReasonWhyItStays() throws Exception {
    relayLock.whileHeld(() -> {
      fireInTransaction("held");
      await("the backlog", () -> outboxHealth().getInt("backlog") == 1);
      assertEquals(1, metric("samband_outbox_backlog"));
      assertTrue(metric("samband_outbox_oldest_seconds") >= 0);
      assertTrue(metric("samband_outbox_look_seconds") >= 0);
    });
    await("the event", () -> published().equals(List.of("held")));
    await("no backlog", () -> outboxHealth().getInt("backlog") == 0);
    assertTrue(outboxHealth().getJsonNumber("lookSeconds").doubleValue() < 60);
  }

  private void fireInTransaction(String type) {
    another.fire(type);
  }

  private JsonObject outboxHealth() {
    return http.get("api/health/ready").json().asJsonObject().getJsonObject("outbox");
  }

  /** What is committed before it is relayed before it. */
  private void fence() {
    int count = published().size();
    another.fire("fence");
    await("the fence", () -> published().size() > count);
  }

  private void fire(String type) {
    push.fire(event(type));
  }

  private static SSEEvent event(String type) {
    return SSEEvent.of(type, Map.of("text", "Bilbrann E6 nord"));
  }

  private static PublishOutcome outcome(SSEEvent event) {
    return event.outcome().toCompletableFuture().getNow(null);
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private int rows(String table) {
    return AnotherTransaction.rows(dataSource, table);
  }

  private double metric(String name) {
    return http.get("api/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  /** The types of what was pushed since the test began. */
  private List<String> published() {
    return http
        .get("api/sse/poll?after=" + cursor)
        .json()
        .asJsonObject()
        .getJsonArray("events")
        .stream()
        .map(value -> ((JsonObject) value).getString("type"))
        .toList();
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "still waiting for " + what);
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  /** Does something at the last moment before a transaction is committed. */
  private record LastMoment(Runnable deed) implements Synchronization {
    @Override
    public void beforeCompletion() {
      deed.run();
    }

    @Override
    public void afterCompletion(int status) {
      // Only the moment before counts here.
    }
  }
}
