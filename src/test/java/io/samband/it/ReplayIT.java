package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.event.SSEEvent;
import io.samband.log.EventLog;
import io.samband.log.Retention;
import io.samband.log.h2.H2Engine;
import io.samband.log.pending.PendingEventLog;
import io.samband.settings.Settings;
import io.samband.testing.Jcmd;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import io.samband.testing.Rounds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** 100,000 missed events for one fast and one slow subscriber, while publishing goes on. */
@Tag("core")
class ReplayIT {
  private static final int MISSED = 100_000;

  /** Far from what is measured even on a machine that is busy; behind the slow reader it would be the rest of the test. */
  private static final Duration LIVE_DELAY = Duration.ofSeconds(10);

  private static final long MEMORY_MIB = 64;

  @TempDir
  Path dir;

  @Test
  void aLongReplayDelaysNobodyAndHoldsLittleMemory() throws Exception {
    Rounds.onceInABuild();
    String start = fill();
    try (LiveServer server = LiveServer.start(Map.of("samband.data.dir", dir.toString()));
        RawStream live = server.stream("api/sse")) {
      live.next(frame -> frame.is("hello"));
      long before = Jcmd.liveMib(server.pid());
      var stop = new AtomicBoolean();
      List<Long> delays = Collections.synchronizedList(new ArrayList<>());
      Thread publisher = new Thread(() -> publish(server, live, stop, delays), "publisher");
      publisher.start();

      long began = System.nanoTime();
      try (RawStream slow =
              RawStream.open(server.base(), "api/sse", 4_096, "Last-Event-ID", start);
          RawStream fast = server.stream("api/sse", "Last-Event-ID", start)) {
        slow.next(frame -> frame.is("hello"));
        slow.pause();
        awaitOffset(fast, MISSED / 4);
        long replaying = Jcmd.liveMib(server.pid());
        awaitOffset(fast, MISSED);
        long millis = (System.nanoTime() - began) / 1_000_000;
        long stalled = Jcmd.liveMib(server.pid());
        assertThat(slow.bodyBytes()).isLessThan(fast.bodyBytes() / 2);
        slow.resume();
        awaitOffset(slow, MISSED);
        stop.set(true);
        publisher.join();
        assertInOrder(fast);
        assertInOrder(slow);
        Collections.sort(delays);
        System.out.printf(
            "MEASURED replay of %,d: %,d events/s to the fast one; reachable heap %d MiB before,"
                + " %d MiB while it replays, %d MiB when only the slow one, stalled, is behind;"
                + " live beside it: %d events, p50 %.1f ms, most %.1f ms%n",
            MISSED,
            MISSED * 1000L / Math.max(1, millis),
            before,
            replaying,
            stalled,
            delays.size(),
            delays.get(delays.size() / 2) / 1e6,
            delays.get(delays.size() - 1) / 1e6);
        assertThat(Math.max(replaying, stalled) - before).isLessThan(MEMORY_MIB);
        assertThat(Duration.ofNanos(delays.get(delays.size() - 1))).isLessThan(LIVE_DELAY);
      }
    }
  }

  /** The file as a server leaves it; by the log itself, because over HTTP it takes a minute. */
  private String fill() {
    try (var log = open(Settings.of(Map.of("samband.data.dir", dir.toString())))) {
      String start = log.newestId().toString();
      List<SSEEvent> batch = new ArrayList<>();
      for (int i = 1; i <= MISSED; i++) {
        batch.add(SSEEvent.of("flash_message", "Bilbrann E6 nord ".repeat(15)));
        if (batch.size() == 1_000) {
          log.append(List.copyOf(batch)).toCompletableFuture().join();
          batch.clear();
        }
      }
      return start;
    }
  }

  private static void publish(
      LiveServer server, RawStream live, AtomicBoolean stop, List<Long> delays) {
    var http = server.http();
    while (!stop.get()) {
      long posted = System.nanoTime();
      String id = http.post("api/sse/events", "{\"type\":\"test\",\"data\":null}")
          .json()
          .asJsonObject()
          .getString("id");
      live.next(frame -> frame.id().equals(id));
      delays.add(System.nanoTime() - posted);
    }
  }

  private static void awaitOffset(RawStream stream, long offset) {
    await().atMost(Duration.ofSeconds(60)).until(() -> {
      var frames = stream.frames();
      return frames.get(frames.size() - 1).offset() >= offset;
    });
  }

  private static void assertInOrder(RawStream stream) {
    long next = 1;
    for (var event : stream.events()) {
      assertThat(event.offset()).isEqualTo(next++);
    }
    assertThat(stream.frames().stream().filter(frame -> frame.is("reset"))).isEmpty();
  }

  private static EventLog open(Settings settings) {
    return PendingEventLog.open(
        new H2Engine(settings.dataDir(), settings.dataSync(), Retention.of(settings)), settings);
  }
}
