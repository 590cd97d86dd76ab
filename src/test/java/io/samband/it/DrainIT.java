package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Fleet;
import io.samband.testing.LiveServer;
import io.samband.testing.Log;
import io.samband.testing.Rounds;
import io.samband.testing.ServerKind;
import io.samband.testing.SteadyPublisher;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A server that is stopped, or whose application is replaced, tells its subscribers when to come back. */
@Tag("core")
class DrainIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int SUBSCRIBERS = Rounds.of(400, 2_000);
  private static final int GONE_MILLIS = 5_000;
  private static final int RETRY_MILLIS = 500;
  private static final int DRAIN_MILLIS = 2_000;

  private static LiveServer server;

  @BeforeAll
  static void start() {
    server = LiveServer.start(Map.of(
        "samband.stream.retry-millis",
        String.valueOf(RETRY_MILLIS),
        "samband.stream.drain-millis",
        String.valueOf(DRAIN_MILLIS)));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void anUndeploymentTellsEverySubscriberWhenToComeBackAndNothingIsLost() {
    int logged = server.log().length();
    Fleet.Tally tally = through("undeploy", () -> {
      server.undeploy();
      server.deploy();
    });

    assertEverySubscriberWasTold(tally);
    assertStreamsWereEnded(logged);
  }

  @Test
  void sigtermTellsEverySubscriberWhenToComeBackAndTheProcessIsGoneInUnderFiveSeconds() {
    int logged = server.log().length();
    Fleet.Tally tally = through("SIGTERM", () -> {
      long start = System.nanoTime();
      server.stop();
      long millis = (System.nanoTime() - start) / 1_000_000;
      System.out.println("DrainIT: gone after " + millis + " ms with " + SUBSCRIBERS + " streams");
      assertThat(millis).isLessThan(GONE_MILLIS);
      server.restart();
    });

    // GlassFish closes all connections before it tells the application that it stops.
    if (!ServerKind.GLASSFISH.isCurrent()) {
      assertEverySubscriberWasTold(tally);
      // Payara Server closes them when the subscribers have been told, and before their streams
      // have ended.
      if (!ServerKind.PAYARA_SERVER.isCurrent()) {
        assertStreamsWereEnded(logged);
      }
    }
  }

  private static Fleet.Tally through(String what, Runnable restart) {
    String before = Log.newest(server.http());
    try (Fleet fleet = Fleet.of(server.base());
        SteadyPublisher publisher = SteadyPublisher.to(server.base(), Duration.ofMillis(5))) {
      fleet.add(SUBSCRIBERS);
      fleet.awaitOpen(PATIENCE);
      restart.run();
      fleet.awaitOpen(PATIENCE);
      publisher.finish();
      List<String> ids = publisher.ids();
      long last = Long.parseLong(ids.get(ids.size() - 1).split("-", -1)[1]);
      fleet.awaitCursor(last, PATIENCE);

      Fleet.Tally tally = fleet.tally();
      System.out.println("DrainIT: " + what + " " + tally + " answers=" + publisher.answers());
      System.out.println("DrainIT: told to wait ms " + histogram(tally.toldMillis()));
      System.out.println("DrainIT: came back after ms " + histogram(tally.returnMillis()));
      assertThat(tally.isFaultless()).as(tally.toString()).isTrue();
      assertThat(numbersAfter(before))
          .as("after " + before)
          .isEqualTo(countTo(publisher.acknowledged()));
      // Once the container stops us it answers by itself, as it likes; while we answer we say when
      // to come back.
      assertThat(publisher.answers().keySet())
          .filteredOn(answer -> answer.endsWith("application/problem+json"))
          .allMatch(answer -> answer.startsWith("503"));
      return tally;
    }
  }

  private static void assertEverySubscriberWasTold(Fleet.Tally tally) {
    assertThat(tally.drains()).isGreaterThanOrEqualTo(SUBSCRIBERS);
    // What they are told is spread over the whole of the drain time. When they come, the load of
    // the machine decides, too.
    assertThat(tally.toldMillis())
        .allMatch(millis -> millis >= RETRY_MILLIS && millis <= RETRY_MILLIS + DRAIN_MILLIS);
    assertThat(histogram(tally.toldMillis()).keySet())
        .contains(RETRY_MILLIS, RETRY_MILLIS + DRAIN_MILLIS - 250);
    assertThat(tally.returnMillis()).allMatch(millis -> millis >= RETRY_MILLIS);
  }

  private static void assertStreamsWereEnded(int logged) {
    String log = server.log().substring(logged);
    assertThat(log).contains("[SSE] all streams drained");
    assertThat(log.split("reason=shutdown", -1).length - 1).isGreaterThanOrEqualTo(SUBSCRIBERS);
  }

  private static Map<Integer, Integer> histogram(List<Long> millis) {
    Map<Integer, Integer> counts = new TreeMap<>();
    millis.forEach(some -> counts.merge((int) (some / 250) * 250, 1, Integer::sum));
    return counts;
  }

  private static List<String> numbersAfter(String id) {
    return Log.after(server.http(), id).stream().map(Log.Event::data).toList();
  }

  private static List<String> countTo(long last) {
    return java.util.stream.LongStream.rangeClosed(1, last)
        .mapToObj(String::valueOf)
        .toList();
  }
}
