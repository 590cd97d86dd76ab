package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.testing.LiveServer;
import io.samband.testing.Rounds;
import io.samband.testing.StreamProcess;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The second of the two tests that the servers' own broadcasters fail. */
@Tag("core")
class DeadClientIT {
  /** Keepalives are due once a second at most, which counts beside an interval as short as this. */
  private static final Duration THREE_KEEPALIVES = Duration.ofMillis(
          Long.parseLong(LiveServer.SHARED_SETTINGS.get("samband.stream.keepalive-millis")))
      .plusSeconds(1)
      .multipliedBy(3);

  /** Threads of the server's other pools come and go; a leak of one per death would be hundreds. */
  private static final int THREADS_OF_THE_SERVER = 60;

  /**
   * How the names of the threads begin that answer requests, on Payara, WildFly and GlassFish. There is one more of them for each request at a time,
   * up to the pool's limit, so how many there are tells nothing. A death that kept one would use up the pool.
   */
  private static final List<String> ANSWERING =
      List.of("http-thread-poo", "default task", "http-listener-1");

  private final LiveServer server = LiveServer.shared();

  @Test
  void aClientWhoseProcessWasKilledIsOffTheListWithinThreeKeepalives() {
    StreamProcess client = StreamProcess.start(server.base(), 1);
    assertThat(connected()).isOne();

    client.kill9();

    await().atMost(THREE_KEEPALIVES).until(() -> connected() == 0);
  }

  @Test
  @EnabledOnOs(OS.LINUX) // counts in /proc
  void deathsLeaveNothingBehind() {
    die(100); // pools and caches fill once
    int threads = threads();
    long sockets = sockets();

    int deaths = Rounds.of(200, 1_000);
    for (int died = 0; died < deaths; died += 100) {
      die(100);
    }

    // Pools let idle threads go after a while: the condition is that they do, not that they have.
    await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> {
      assertThat(connected()).isZero();
      assertThat(sockets()).isLessThanOrEqualTo(sockets + 2);
      assertThat(threads()).isLessThanOrEqualTo(threads + THREADS_OF_THE_SERVER);
    });
    System.out.printf(
        "MEASURED %d deaths: threads %d -> %d, sockets %d -> %d%n",
        deaths, threads, threads(), sockets, sockets());
  }

  private void die(int clients) {
    StreamProcess process = StreamProcess.start(server.base(), clients);
    assertThat(connected()).isEqualTo(clients);
    process.kill9();
    await().atMost(THREE_KEEPALIVES).until(() -> connected() == 0);
  }

  private long connected() {
    return server
        .http()
        .get("api/sse/connections")
        .json()
        .asJsonArray()
        .getValuesAs(JsonObject.class)
        .stream()
        .filter(connection -> connection.getString("userAgent", "").equals("StreamProcess"))
        .count();
  }

  private int threads() {
    return (int) count(proc("task"), thread -> {
      try {
        String name = Files.readString(thread.resolve("comm"));
        return ANSWERING.stream().noneMatch(name::startsWith);
      } catch (IOException endedMeanwhile) {
        return false;
      }
    });
  }

  private long sockets() {
    return count(proc("fd"), fd -> {
      try {
        return Files.readSymbolicLink(fd).toString().startsWith("socket:");
      } catch (IOException closedMeanwhile) {
        return false;
      }
    });
  }

  private Path proc(String what) {
    return Path.of("/proc", String.valueOf(server.pid()), what);
  }

  private static long count(Path directory, Predicate<Path> which) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.filter(which).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
