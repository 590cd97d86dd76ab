package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Frame;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import io.samband.testing.Rounds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Publishing races subscribing: what is appended around the moment of a subscription comes once. */
class PublishRaceIT {
  private static final int PUBLISHERS = 3;

  private final LiveServer server = LiveServer.shared();
  private final Http http = server.http();
  private final Random random = Rounds.random(PublishRaceIT.class);

  @Test
  void noEventBetweenHelloAndTheFirstLiveFrameIsLostOrDoubled() throws Exception {
    ExecutorService publishers = Executors.newFixedThreadPool(PUBLISHERS);
    AtomicBoolean stop = new AtomicBoolean();
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < PUBLISHERS; i++) {
        long seed = random.nextLong();
        running.add(publishers.submit(() -> publishUntil(stop, new Random(seed))));
      }
      int rounds = Rounds.of(150, 5_000);
      for (int round = 0; round < rounds; round++) {
        subscribe();
      }
      stop.set(true);
      for (Future<?> publisher : running) {
        publisher.get();
      }
    } finally {
      stop.set(true);
      publishers.shutdownNow();
    }
  }

  /** Half of the rounds ask from now on, half from a cursor of the recent past. */
  private void subscribe() {
    String newest = http.get("api/sse/poll").json().asJsonObject().getString("lastEventId");
    boolean resume = random.nextBoolean();
    long back = resume ? random.nextInt(30) : 0;
    long offset = Long.parseLong(newest.substring(newest.indexOf('-') + 1));
    String cursor = newest.substring(0, newest.indexOf('-') + 1) + Math.max(0, offset - back);
    LockSupport.parkNanos(random.nextInt(2_000_000));
    try (RawStream stream =
        resume ? server.stream("api/sse", "Last-Event-ID", cursor) : server.stream("api/sse")) {
      Frame hello = stream.next();
      assertThat(hello.event()).isEqualTo("hello");
      if (resume) {
        assertThat(hello.id()).isEqualTo(cursor);
        assertThat(hello.data()).contains("\"replay\":\"complete\"");
      }
      long expected = hello.offset();
      int wanted = 3 + random.nextInt(6);
      for (int i = 0; i < wanted; i++) {
        Frame event = stream.nextEvent();
        assertThat(event.offset()).as("after %s", hello).isEqualTo(++expected);
      }
    }
  }

  private void publishUntil(AtomicBoolean stop, Random pauses) {
    while (!stop.get()) {
      assertThat(
              http.post("api/sse/events", "{\"type\":\"test\",\"data\":null}").status())
          .isEqualTo(202);
      LockSupport.parkNanos(pauses.nextInt(3_000_000));
    }
  }
}
