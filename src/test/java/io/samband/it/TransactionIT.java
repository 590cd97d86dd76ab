package io.samband.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.samband.dispatch.VehicleChange;
import io.samband.dispatch.Vehicles;
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
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.container.annotation.ArquillianTest;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.importer.ZipImporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs inside the server, as a module of the deployment does, with its real transactions. */
@ArquillianTest
class TransactionIT {
  @Inject
  private Event<SSEEvent> push;

  @Inject
  private AnotherModule anotherModule;

  @Inject
  private Vehicles vehicles;

  @Inject
  private VehicleChange change;

  @Resource(lookup = "java:comp/DefaultDataSource")
  private DataSource dataSource;

  @Resource
  TransactionSynchronizationRegistry registry;

  @Resource
  private UserTransaction transaction;

  private final Http http = new Http(base());
  private String cursor;

  @Deployment
  static WebArchive war() {
    return ShrinkWrap.create(ZipImporter.class, "samband.war")
        .importFrom(LiveServer.war().toFile())
        .as(WebArchive.class)
        .addClasses(
            AnotherModule.class, Frame.class, Http.class, Http.Answer.class, RawStream.class)
        .addClasses(RawStream.class.getDeclaredClasses())
        .addClasses(WireCheck.class, InstalledWireCheck.class);
  }

  private static URI base() {
    return URI.create("http://127.0.0.1:" + Integer.getInteger("it.port", 8080) + "/");
  }

  @BeforeEach
  void fromHereOn() {
    cursor = http.get("api/sse/poll").json().asJsonObject().getString("lastEventId");
  }

  @Test
  void anEventFiredOutsideATransactionIsThereWhenFireReturns() {
    fire("outside");

    assertEquals(List.of("outside"), published());
  }

  @Test
  void aRollbackPushesNothing() throws Exception {
    transaction.begin();
    fire("rolled_back");
    transaction.rollback();

    fire("fence");
    assertEquals(List.of("fence"), published());
  }

  @Test
  void aTransactionThatCanOnlyRollBackPushesNothing() throws Exception {
    transaction.begin();
    transaction.setRollbackOnly();
    fire("rolled_back");
    transaction.rollback();

    fire("fence");
    assertEquals(List.of("fence"), published());
  }

  @Test
  void aVehicleOfTheExampleModuleAndItsEventAreOneTransaction() throws Exception {
    vehicles.all(); // makes the table
    transaction.begin();
    change.make("T-1", "on_scene", null);
    transaction.rollback();
    assertEquals("none", vehicle("T-1"));
    assertEquals(List.of(), published());

    transaction.begin();
    change.make("T-1", "available", null);
    assertEquals(List.of(), published());
    transaction.commit();
    assertEquals("available 1", vehicle("T-1"));
    assertEquals(List.of("bilstatus_update"), published());
  }

  @Test
  void whatAnotherNodeWritesIntoTheDatabaseIsSeen() throws Exception {
    vehicles.change("T-2", "available", 0L);
    assertEquals("available 1", vehicle("T-2"));
    try (Connection otherNode = dataSource.getConnection();
        Statement statement = otherNode.createStatement()) {
      statement.execute(
          "UPDATE samband_vehicle SET status = 'on_scene', version = 2 WHERE id = 'T-2'");
    }

    assertEquals("on_scene 2", vehicle("T-2"));
    assertThrows(RuntimeException.class, () -> vehicles.change("T-2", "dispatched", 1L));
    assertEquals(3, vehicles.change("T-2", "dispatched", 2L).version());
  }

  /** Its status and version. */
  private String vehicle(String id) {
    return vehicles.all().stream()
        .filter(vehicle -> vehicle.id().equals(id))
        .map(vehicle -> vehicle.status() + " " + vehicle.version())
        .findAny()
        .orElse("none");
  }

  @Test
  void aCommitPushesOnceAndNothingBeforeIt() throws Exception {
    transaction.begin();
    fire("committed");
    assertEquals(List.of(), published());
    transaction.commit();

    assertEquals(List.of("committed"), published());
  }

  @Test
  void eventsOfOneTransactionArriveInTheOrderFired() throws Exception {
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
  }

  @Test
  void theEventsOfATransactionAreOneContiguousBatch() throws Exception {
    Thread other = new Thread(() -> {
      for (int i = 0; i < 50; i++) {
        http.post("api/sse/events", "{\"type\":\"between\",\"data\":null}");
      }
    });
    other.start();
    for (int round = 0; round < 20; round++) {
      transaction.begin();
      fire("first");
      fire("second");
      fire("third");
      transaction.commit();
    }
    other.join(TimeUnit.SECONDS.toMillis(30));

    List<String> types = published();
    assertEquals(20, types.stream().filter("first"::equals).count());
    for (int i = 0; i < types.size(); i++) {
      if (types.get(i).equals("first")) {
        assertEquals(List.of("first", "second", "third"), types.subList(i, i + 3));
      }
    }
  }

  @Test
  void anObserverElsewhereThatThrowsIsHeardByTheCodeThatFiredAndTheEventIsPushed()
      throws Exception {
    assertThrows(IllegalStateException.class, () -> fire(AnotherModule.POISON));
    assertEquals(1, anotherModule.seen());
    assertEquals(List.of(AnotherModule.POISON), published());

    transaction.begin();
    assertThrows(IllegalStateException.class, () -> fire(AnotherModule.POISON));
    transaction.commit();
    assertEquals(List.of(AnotherModule.POISON, AnotherModule.POISON), published());
  }

  @Test
  void anEventTellsWhatBecameOfItWhenItsTransactionHasEnded() throws Exception {
    SSEEvent alone = event("alone");
    push.fire(alone);
    assertInstanceOf(PublishOutcome.Durable.class, outcome(alone));

    SSEEvent committed = event("committed");
    transaction.begin();
    push.fire(committed);
    assertNull(outcome(committed));
    transaction.commit();
    assertInstanceOf(PublishOutcome.Durable.class, outcome(committed));

    SSEEvent rolledBack = event("rolled_back");
    transaction.begin();
    push.fire(rolledBack);
    transaction.rollback();
    assertInstanceOf(PublishOutcome.Refused.class, outcome(rolledBack));
    assertEquals(List.of("alone", "committed"), published());
  }

  /**
   * An observer of {@code AFTER_FAILURE} fires when its transaction is already rolled back. Payara says then that there is no
   * transaction, and the event is pushed. On WildFly this cannot be told from code that goes on after a timeout.
   */
  @Test
  void anEventFiredAfterTheFailureOfItsTransactionIsPushedOrRefusedAndKnowsIt() throws Exception {
    SSEEvent late = event("late");
    transaction.begin();
    registry.registerInterposedSynchronization(new Synchronization() {
      @Override
      public void beforeCompletion() {
        // Only the end counts here.
      }

      @Override
      public void afterCompletion(int status) {
        push.fire(late);
      }
    });
    transaction.rollback();

    boolean pushed = outcome(late) instanceof PublishOutcome.Durable;
    assertTrue(pushed || outcome(late) instanceof PublishOutcome.Refused);
    assertEquals(pushed ? List.of("late") : List.of(), published());
  }

  private static PublishOutcome outcome(SSEEvent event) {
    return event.outcome().toCompletableFuture().getNow(null);
  }

  @Test
  void fireAsyncPushesEvenOnRollback() throws Exception {
    transaction.begin();
    push.fireAsync(event("async")).toCompletableFuture().get(10, TimeUnit.SECONDS);
    transaction.rollback();

    assertEquals(List.of("async"), published());
  }

  private void fire(String type) {
    push.fire(event(type));
  }

  private static SSEEvent event(String type) {
    return SSEEvent.of(type, Map.of("text", "Bilbrann E6 nord"));
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
}
