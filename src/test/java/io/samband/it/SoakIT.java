package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Fleet;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.Log;
import io.samband.testing.Rounds;
import io.samband.testing.SteadyPublisher;
import io.samband.testing.Vitals;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Clients come, die, stall and resume while the application is redeployed under them: what each has seen is right, and the
 * server holds no more in the end than in the beginning. Its table is {@code target/soak-payara.csv}.
 */
class SoakIT {
  private static final Duration LENGTH = Rounds.of(Duration.ofSeconds(15), Duration.ofMinutes(20));
  private static final Duration REDEPLOY = Rounds.of(Duration.ofSeconds(8), Duration.ofMinutes(3));
  private static final Duration SAMPLE = Rounds.of(Duration.ofSeconds(5), Duration.ofSeconds(30));
  private static final int CLIENTS = Rounds.of(60, 300);
  private static final int BURST = Rounds.of(20, 60);
  private static final int BURST_TURNS = Rounds.of(20, 120);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Random random = Rounds.random(SoakIT.class);

  @Test
  void everyViewIsRightAndNothingGrows() {
    Map<String, String> settings = Map.of(
        "samband.stream.keepalive-millis", "2000",
        "samband.stream.stall-millis", "3000",
        "samband.stream.retry-millis", "500",
        "samband.stream.drain-millis", "2000",
        "samband.stream.max-lifetime-millis", "45000");
    try (LiveServer server = LiveServer.start(settings);
        Fleet fleet = Fleet.of(server.base(), "api/sse", 200, random)) {
      String before = Log.newest(server.http());
      Vitals vitals = Vitals.of(
          server,
          Path.of("target", LiveServer.isPayara() ? "soak-payara.csv" : "soak-wildfly.csv"));
      fleet.add(CLIENTS);
      fleet.awaitOpen(PATIENCE);
      try (SteadyPublisher publisher = SteadyPublisher.to(server.base(), Duration.ofMillis(20))) {
        churn(server, fleet, publisher, vitals);
        publisher.finish();
        calm(server, fleet);
        vitals.sample(fleet, publisher.acknowledged());

        Fleet.Tally tally = fleet.tally();
        System.out.println("SoakIT: " + tally + " answers=" + publisher.answers());
        assertThat(tally.isFaultless()).as(tally.toString()).isTrue();
        assertThat(tally.resets()).isZero();
        assertThat(steady(server.http(), before)).isEqualTo(publisher.acknowledged());
        vitals.assertFlat();
      }
    }
  }

  private void churn(LiveServer server, Fleet fleet, SteadyPublisher publisher, Vitals vitals) {
    long end = System.nanoTime() + LENGTH.toNanos();
    long nextRedeploy = System.nanoTime() + REDEPLOY.toNanos();
    long nextSample = System.nanoTime();
    int turn = 0;
    while (System.nanoTime() < end) {
      act(fleet);
      if (++turn % BURST_TURNS == 0) {
        burst(server.http());
      }
      if (System.nanoTime() > nextRedeploy) {
        nextRedeploy += REDEPLOY.toNanos();
        server.undeploy();
        server.deploy();
      }
      if (System.nanoTime() > nextSample) {
        nextSample += SAMPLE.toNanos();
        vitals.sample(fleet, publisher.acknowledged());
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

  /** How many of the numbered events the log has, each checked to be the next. */
  private static long steady(Http http, String after) {
    List<Log.Event> events = Log.after(http, after).stream()
        .filter(event -> event.type().equals("steady"))
        .toList();
    for (int i = 0; i < events.size(); i++) {
      assertThat(events.get(i).data()).isEqualTo(String.valueOf(i + 1));
    }
    return events.size();
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
