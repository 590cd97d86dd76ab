package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import io.samband.testing.Rounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The first of the two tests that the servers' own broadcasters fail. */
@Tag("core")
class StalledClientIT {
  /** 20 MB: more than the sockets' buffers and the ring of newest frames hold together. */
  private static final int EVENTS = 400;

  private static final String DATA = "\"" + "x".repeat(50_000) + "\"";

  /** Far from what is measured (a few ms) and from the stall timeout, which is what a broadcaster that waits would show. */
  private static final Duration DELAY = Duration.ofSeconds(8);

  private final LiveServer server = LiveServer.shared();
  private final Http http = server.http();

  @Test
  void aClientThatStopsReadingDoesNotDelayAnother() {
    List<RawStream> stalled = new ArrayList<>();
    try {
      for (int i = 0; i < Rounds.of(3, 50); i++) {
        stalled.add(RawStream.open(server.base(), "api/sse", 4_096));
      }
      // Opened last: a broadcaster that goes from one to the next reaches it after the others.
      try (RawStream reading = server.stream("api/sse")) {
        reading.next(frame -> frame.is("hello"));
        stalled.forEach(RawStream::pause);

        List<Long> delays = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
          long posted = System.nanoTime();
          String id = http.post("api/sse/events", "{\"type\":\"test\",\"data\":" + DATA + "}")
              .json()
              .asJsonObject()
              .getString("id");
          assertThat(reading.nextEvent().id()).isEqualTo(id);
          delays.add(System.nanoTime() - posted);
        }

        report(delays);
        assertThat(Duration.ofNanos(Collections.max(delays))).isLessThan(DELAY);
        assertThat(stalled.get(0).bodyBytes()).isLessThan(EVENTS * 50_000L / 2);
      }
      // A stall shorter than the timeout costs nothing: everything follows, in order.
      RawStream back = stalled.get(0);
      back.resume();
      assertThat(back.nextEvent().id()).isNotNull();
      long first = back.frames().get(1).offset();
      long last = back.next(frame -> frame.isEvent() && frame.offset() >= first + EVENTS - 1)
          .offset();
      assertThat(last).isEqualTo(first + EVENTS - 1);
      assertThat(back.events()).hasSize(EVENTS);
    } finally {
      stalled.forEach(RawStream::close);
    }
  }

  private static void report(List<Long> delays) {
    Collections.sort(delays);
    System.out.printf(
        "MEASURED POST to receipt beside stalled clients, 50 kB events: p50 %.1f ms, p99 %.1f ms, max %.1f ms%n",
        delays.get(delays.size() / 2) / 1e6,
        delays.get(delays.size() * 99 / 100) / 1e6,
        delays.get(delays.size() - 1) / 1e6);
  }
}
