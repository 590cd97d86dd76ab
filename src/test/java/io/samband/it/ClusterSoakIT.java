package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.samband.testing.Fleet;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.Log;
import io.samband.testing.PostgresServer;
import io.samband.testing.RealProxy;
import io.samband.testing.Rounds;
import io.samband.testing.ServerKind;
import io.samband.testing.SteadyPublisher;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Three nodes of both kinds of server on one PostgreSQL, behind HAProxy, with 2,000 clients: what each client has seen is the
 * order of the log, each event once, through whatever happens to nodes and database. One database that is killed loses
 * nothing, so nobody may get a {@code reset}.
 *
 * <p>Only with {@code -Psoak}; {@code -Dsamband.soak.seconds=N} and {@code -Dsamband.soak.clients=N} make it shorter and smaller,
 * and {@code -Dsamband.soak.earlier=FILE} names the WAR of another version, from which nodes are upgraded.
 */
class ClusterSoakIT {
  private static final Duration LENGTH =
      Duration.ofSeconds(Integer.getInteger("samband.soak.seconds", 1_200));
  private static final int CLIENTS = Integer.getInteger("samband.soak.clients", 2_000);
  private static final String EARLIER = System.getProperty("samband.soak.earlier", "");
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int PUBLISHERS_PER_NODE = 3;

  /** With nine publishers about 50 events a second. */
  private static final Duration PAUSE = Duration.ofMillis(170);

  private final Random random = Rounds.random(ClusterSoakIT.class);
  private final List<LiveServer> nodes = new ArrayList<>();
  private PostgresServer database;
  private RealProxy balancer;

  @BeforeEach
  void once() {
    Rounds.onlyInASoak();
    assumeFalse(ServerKind.PAYARA_MICRO.isCurrent(), "the round of the other server has both");
  }

  private void start(Path war) {
    database = PostgresServer.start();
    nodes.add(node("a", ServerKind.PAYARA_MICRO, war));
    nodes.add(node("b", ServerKind.WILDFLY, war));
    nodes.add(node("c", ServerKind.PAYARA_MICRO, war));
    balancer = RealProxy.ofCluster(
        2 * CLIENTS + 200,
        nodes.get(0).base(),
        nodes.get(1).base(),
        nodes.get(2).base());
  }

  private LiveServer node(String name, ServerKind kind, Path war) {
    Map<String, String> settings = new HashMap<>(PostgresServer.settings(database.port()));
    settings.put("samband.node.name", name);
    settings.put("samband.stream.keepalive-millis", "5000");
    return LiveServer.start(kind, settings, war);
  }

  @AfterEach
  void stop() {
    if (balancer != null) {
      balancer.close();
    }
    nodes.forEach(LiveServer::close);
    if (database != null) {
      database.close();
    }
  }

  @Test
  void everyViewIsTheOrderOfTheLogWhileNodesAndDatabaseAreKilledAndFrozen() {
    start(LiveServer.war());
    soak(List.of(nodes.get(0).base(), nodes.get(1).base(), nodes.get(2).base()), fleet -> {
      long end = System.nanoTime() + LENGTH.toNanos();
      while (System.nanoTime() < end) {
        hurt();
        pause(1_000 + random.nextInt(10_000));
        System.out.println("ClusterSoakIT: " + fleet.tally());
      }
    });
  }

  /** One thing at a time, so that each is over before the next. */
  private void hurt() {
    LiveServer node = nodes.get(random.nextInt(nodes.size()));
    switch (random.nextInt(5)) {
      case 0 -> {
        node.kill9();
        pause(random.nextInt(5_000));
        node.restart();
      }
      case 1 -> node.restart();
      case 2 -> {
        node.freeze();
        pause(random.nextInt(15_000));
        node.thaw();
      }
      case 3 -> {
        database.freeze();
        pause(random.nextInt(15_000));
        database.thaw();
      }
      default -> {
        database.kill9();
        pause(random.nextInt(15_000));
        database.startAgain();
      }
    }
  }

  @Test
  void aRollingRestartIsNoticedByNobody() {
    start(LiveServer.war());
    soak(behindTheBalancer(), this::restartOneAfterTheOther);
  }

  @Test
  void aRollingUpgradeIsNoticedByNobody() {
    assumeFalse(EARLIER.isEmpty(), "-Dsamband.soak.earlier names no WAR");
    start(Path.of(EARLIER));
    soak(behindTheBalancer(), this::restartOneAfterTheOther);
  }

  private List<URI> behindTheBalancer() {
    return List.of(balancer.base(), balancer.base(), balancer.base());
  }

  private void restartOneAfterTheOther(Fleet fleet) {
    for (LiveServer node : nodes) {
      node.restart(LiveServer.war());
      fleet.awaitOpen(PATIENCE);
    }
    assertThat(fleet.tally().drains()).as("clients that had to move").isPositive();
  }

  /** Publishes at some places and follows at the balancer while something happens, and then compares. */
  private void soak(List<URI> places, Consumer<Fleet> happens) {
    // One node, because another one may be some milliseconds behind.
    Http http = nodes.get(0).http();
    String before = Log.newest(http);
    try (Fleet fleet = Fleet.of(balancer.base(), "api/sse", 200, random)) {
      fleet.add(CLIENTS);
      fleet.awaitOpen(PATIENCE);
      List<SteadyPublisher> publishers = IntStream.range(0, PUBLISHERS_PER_NODE * places.size())
          .mapToObj(i -> SteadyPublisher.to(places.get(i % places.size()), "p_" + i, PAUSE))
          .toList();
      try {
        happens.accept(fleet);
      } finally {
        publishers.forEach(SteadyPublisher::finish);
      }
      fleet.awaitOpen(PATIENCE);
      long last = publishers.stream()
          .flatMap(publisher -> publisher.ids().stream())
          .mapToLong(ClusterSoakIT::offset)
          .max()
          .orElseThrow();
      await().atMost(PATIENCE).until(() -> offset(Log.newest(http)) >= last);
      List<Log.Event> stored = Log.after(http, before);
      fleet.awaitCursor(offset(stored.get(stored.size() - 1).id()), PATIENCE);

      Fleet.Tally tally = fleet.tally();
      System.out.println("ClusterSoakIT: " + tally + " answers="
          + publishers.stream().map(SteadyPublisher::answers).toList());
      assertThat(tally.isFaultless()).as(tally.toString()).isTrue();
      assertThat(tally.resets()).as(tally.toString()).isZero();
      // Without a gap, so that what the clients have seen one after the other is the whole log.
      assertThat(stored.stream().map(event -> offset(event.id())).toList())
          .isEqualTo(LongStream.rangeClosed(offset(before) + 1, offset(before) + stored.size())
              .boxed()
              .toList());
      publishers.forEach(publisher -> assertIsInTheLogOnce(publisher, stored));
    }
  }

  private static void assertIsInTheLogOnce(SteadyPublisher publisher, List<Log.Event> stored) {
    assertThat(publisher.acknowledged()).as(publisher.type()).isPositive();
    assertThat(stored.stream()
            .filter(event -> event.type().equals(publisher.type()))
            .map(event -> Long.valueOf(event.data()))
            .toList())
        .as(publisher.type())
        .isEqualTo(LongStream.rangeClosed(1, publisher.acknowledged()).boxed().toList());
  }

  private static long offset(String id) {
    return Long.parseLong(id.substring(id.indexOf('-') + 1));
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
