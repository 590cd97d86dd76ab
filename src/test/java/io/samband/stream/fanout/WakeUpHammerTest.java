package io.samband.stream.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.log.EventFilter;
import io.samband.log.MemoryLog;
import io.samband.testing.Rounds;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Tries the moments at which the worker goes to sleep and at which a socket drains. After each event the test waits until
 * all subscribers have it, and does nothing else meanwhile: no tick and no second event makes up for a lost wake-up.
 */
class WakeUpHammerTest {
  private static final int EVENTS_PER_ENGINE = 5_000;
  private static final int SUBSCRIBERS = 4;

  /** About how long the worker is awake for one event: it is hit at every point of that. */
  private static final int MAX_SPINS = 2_000;

  private static final long PATIENCE_NANOS = Duration.ofSeconds(20).toNanos();

  @Test
  void noSubscriberMissesAWakeUp() throws InterruptedException {
    Random random = Rounds.random(WakeUpHammerTest.class);
    for (int engine = 0; engine < Rounds.of(4, 600); engine++) {
      hammer(new Random(random.nextLong()));
    }
  }

  private static void hammer(Random random) throws InterruptedException {
    List<Socket> sockets =
        Stream.generate(() -> new Socket(random.nextLong())).limit(SUBSCRIBERS).toList();
    Thread clients = new Thread(() -> readAll(sockets), "clients");
    try (var engine = Engine.withoutTicks(1 << 16)) {
      for (Socket socket : sockets) {
        socket.onWritable = engine.subscribe(null, EventFilter.ALL, socket)::onWritable;
      }
      clients.start();
      for (int event = 1; event <= EVENTS_PER_ENGINE; event++) {
        engine.log.append(10, "a");
        long until = System.nanoTime() + PATIENCE_NANOS;
        for (Socket socket : sockets) {
          while (socket.received < event && System.nanoTime() - until < 0) {
            Thread.onSpinWait();
          }
          assertThat(socket.received).isEqualTo(event);
        }
        spin(random);
      }
    } finally {
      clients.interrupt();
      clients.join();
    }
  }

  /** Takes what is in the sockets until the thread is interrupted. */
  private static void readAll(List<Socket> sockets) {
    Random random = new Random(sockets.hashCode());
    while (!Thread.currentThread().isInterrupted()) {
      sockets.forEach(Socket::drain);
      spin(random);
    }
  }

  private static void spin(Random random) {
    for (int spins = random.nextInt(MAX_SPINS); spins > 0; spins--) {
      Thread.onSpinWait();
    }
  }

  /** Holds one write or two, and tells that it has room only if it was asked while it had none, as a container does. */
  private static final class Socket implements StreamOutput {
    private static final String ID = "id: " + MemoryLog.EPOCH + "-";

    private final Random random;
    private Runnable onWritable;
    private boolean full = true;
    private boolean asked = true;
    volatile long received;

    Socket(long seed) {
      random = new Random(seed);
    }

    @Override
    public synchronized boolean isReady() {
      asked |= full;
      return !full;
    }

    @Override
    public synchronized void write(byte[] bytes) {
      if (full) {
        throw new IllegalStateException("written while not ready");
      }
      full = random.nextBoolean();
      String frames = new String(bytes, StandardCharsets.UTF_8);
      received = Long.parseLong(frames.substring(
          frames.lastIndexOf(ID) + ID.length(), frames.indexOf('\n', frames.lastIndexOf(ID))));
    }

    void drain() {
      synchronized (this) {
        if (!asked) {
          return;
        }
        asked = false;
        full = false;
      }
      onWritable.run();
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }
}
