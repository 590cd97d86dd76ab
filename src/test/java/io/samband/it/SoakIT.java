package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Fleet;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.Log;
import io.samband.testing.Rounds;
import io.samband.testing.ServerKind;
import io.samband.testing.SteadyPublisher;
import io.samband.testing.Vitals;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Clients come, die, stall and resume: what each has seen is right, and the server holds no more in the end than in the
 * beginning. The tables are {@code target/soak-payara.csv} and {@code target/saturated-payara.csv}.
 */
class SoakIT {
  private static final Duration SAMPLE = Rounds.of(Duration.ofSeconds(5), Duration.ofSeconds(30));
  private static final int CLIENTS = Rounds.of(60, 300);
  private static final int BURST = Rounds.of(20, 60);
  private static final int BURST_TURNS = Rounds.of(20, 120);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration NEVER = Duration.ofDays(1);

  private static final Map<String, String> SETTINGS = Map.of(
      "samband.stream.keepalive-millis", "2000",
      "samband.stream.stall-millis", "3000",
      "samband.stream.retry-millis", "500",
      "samband.stream.drain-millis", "2000",
      "samband.stream.max-lifetime-millis", "45000");

  /** What goes on beside the clients: each publisher pauses so long after each event. */
  private record Plan(
      String table, Duration length, int publishers, Duration pause, Duration redeploy) {}

  private final Random random = Rounds.random(SoakIT.class);

  @Test
  void everyViewIsRightAndNothingGrowsThroughRedeploys() {
    Rounds.onceInABuild();
    soak(new Plan(
        "soak",
        Rounds.of(Duration.ofSeconds(15), Duration.ofMinutes(20)),
        1,
        Duration.ofMillis(20),
        Rounds.of(Duration.ofSeconds(8), Duration.ofMinutes(3))));
  }

  @Test
  void everyViewIsRightAndNothingGrowsWhileEventsComeAsFastAsTheyAreAcknowledged() {
    Rounds.onceInABuild();
    soak(new Plan(
        "saturated",
        Rounds.of(Duration.ofSeconds(10), Duration.ofMinutes(30)),
        4,
        Duration.ZERO,
        NEVER));
  }

  private void soak(Plan plan) {
    try (LiveServer server = LiveServer.start(SETTINGS);
        Fleet fleet = Fleet.of(server.base(), "api/sse", 200, random)) {
      String before = Log.newest(server.http());
      ServerKind kind = ServerKind.current();
      Vitals vitals = Vitals.of(server, Path.of("target", plan.table + "-" + kind + ".csv"));
      fleet.add(CLIENTS);
      fleet.awaitOpen(PATIENCE);
      List<SteadyPublisher> publishers = IntStream.range(0, plan.publishers)
          .mapToObj(i -> SteadyPublisher.to(server.base(), "steady_" + i, plan.pause))
          .toList();
      try {
        churn(plan, server, fleet, publishers, vitals);
      } finally {
        publishers.forEach(SteadyPublisher::finish);
      }
      calm(server, fleet);
      vitals.sample(fleet, acknowledged(publishers));

      Fleet.Tally tally = fleet.tally();
      System.out.println("SoakIT: " + tally + " answers="
          + publishers.stream().map(SteadyPublisher::answers).toList());
      assertThat(tally.isFaultless()).as(tally.toString()).isTrue();
      assertThat(tally.resets()).isZero();
      assertEachIsInTheLogOnce(server.http(), before, publishers);
      vitals.assertFlat();
    }
  }

  private static long acknowledged(List<SteadyPublisher> publishers) {
    return publishers.stream().mapToLong(SteadyPublisher::acknowledged).sum();
  }

  private void churn(
      Plan plan, LiveServer server, Fleet fleet, List<SteadyPublisher> publishers, Vitals vitals) {
    long end = System.nanoTime() + plan.length.toNanos();
    long nextRedeploy = System.nanoTime() + plan.redeploy.toNanos();
    long nextSample = System.nanoTime();
    int turn = 0;
    while (System.nanoTime() < end) {
      act(fleet);
      if (++turn % BURST_TURNS == 0) {
        burst(server.http());
      }
      if (System.nanoTime() > nextRedeploy) {
        nextRedeploy += plan.redeploy.toNanos();
        server.undeploy();
        server.deploy();
      }
      if (System.nanoTime() > nextSample) {
        nextSample += SAMPLE.toNanos();
        vitals.sample(fleet, acknowledged(publishers));
      }
      pause(500);
    }
  }

  private void act(Fleet fleet) {
    int some = 1 + random.nextInt(Math.max(1, CLIENTS / 10));
    switch (random.nextInt(4)) {
      case 0 -> fleet.cut(some);
      case 1 -> {
        fleet.leave(some);
        fleet.add(some);
      }
      case 2 -> fleet.stall(some);
      default -> fleet.unstall();
    }
  }

  /** More than the sockets of those that stall can hold. */
  private static void burst(Http http) {
    String event = "{\"type\":\"burst\",\"data\":\"" + "x".repeat(60_000) + "\"}";
    for (int i = 0; i < BURST; i++) {
      http.post("api/sse/events", event);
    }
  }

  private static void calm(LiveServer server, Fleet fleet) {
    fleet.unstall();
    fleet.awaitOpen(PATIENCE);
    String last = Log.newest(server.http());
    fleet.awaitCursor(Long.parseLong(last.substring(last.indexOf('-') + 1)), PATIENCE);
  }

  /** What the log keeps of each publisher: everything, or the end of a run that is longer than the log. */
  private static void assertEachIsInTheLogOnce(
      Http http, String before, List<SteadyPublisher> publishers) {
    List<Log.Event> events = Log.after(http, before);
    boolean everything = Log.keepsAllAfter(http, before);
    for (SteadyPublisher publisher : publishers) {
      List<Long> numbers = events.stream()
          .filter(event -> event.type().equals(publisher.type()))
          .map(event -> Long.valueOf(event.data()))
          .toList();
      long last = publisher.acknowledged();
      long first = everything ? 1 : last - numbers.size() + 1;
      assertThat(numbers)
          .as(publisher.type())
          .isNotEmpty()
          .isEqualTo(LongStream.rangeClosed(first, last).boxed().toList());
    }
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
