package io.samband.log.h2;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.event.Audience;
import io.samband.log.Entry;
import io.samband.log.EventFilter;
import io.samband.log.LogEngine;
import io.samband.log.LogState;
import io.samband.log.Retention;
import io.samband.testing.Rounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a process that appends, again and again: what it was told is stored is there. It lives longer than the store keeps
 * space that it freed, and is not in a hurry: an H2 that forgets its newest commits (ADR 4) only does so then.
 */
class KilledStoreTest {
  /** What the process waits before each append; the first is longer than freed space is kept. */
  private static final int[] GAP_MILLIS = {6_500, 700, 20, 6};

  @TempDir
  Path dir;

  @Test
  void whatWasStoredIsThereAfterAKill() throws Exception {
    Random random = Rounds.random(KilledStoreTest.class);
    for (int round = 0; round < Rounds.of(4, 60); round++) {
      int gap = GAP_MILLIS[round % GAP_MILLIS.length];
      boolean sync = random.nextInt(4) == 0;
      long lifeMillis = 6_000L + random.nextInt(2_000);

      long stored = liveAndBeKilled(gap, sync, lifeMillis);

      assertAllIsThere(stored, "round " + round + ", gap " + gap + ", sync " + sync);
    }
  }

  /** The newest offset that the process was told is stored. */
  private long liveAndBeKilled(int gap, boolean sync, long lifeMillis) throws Exception {
    Path stored = dir.resolve("stored");
    Files.deleteIfExists(stored);
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx200m",
            "-cp",
            System.getProperty("java.class.path"),
            Victim.class.getName(),
            dir.toString(),
            String.valueOf(gap),
            String.valueOf(sync))
        .redirectErrorStream(true)
        .redirectOutput(dir.resolve("out").toFile())
        .start();
    long began = System.nanoTime();
    try {
      await()
          .atMost(60, SECONDS)
          .until(() -> System.nanoTime() - began > lifeMillis * 1_000_000
              && Files.exists(stored)
              && Files.size(stored) == Long.BYTES);
    } finally {
      process.destroyForcibly().waitFor();
    }
    return ByteBuffer.wrap(Files.readAllBytes(stored)).getLong();
  }

  private void assertAllIsThere(long stored, String when) {
    var store = engine(dir, false);
    try {
      LogState state = store.open(0, (events, newest) -> {});
      assertThat(state.newest()).as(when).isGreaterThanOrEqualTo(stored);
      List<Long> offsets = new ArrayList<>();
      for (long after = 0; after < state.newest(); after = offsets.size()) {
        store
            .read(after, state.newest(), EventFilter.ALL, 1_000, 1 << 20)
            .events()
            .forEach(event -> {
              offsets.add(event.offset());
              assertThat(event.jsonText()).as(when).startsWith(event.offset() + "x");
            });
        assertThat(offsets).as(when).hasSizeGreaterThan((int) after);
      }
    } finally {
      store.close();
    }
  }

  private static H2Engine engine(Path dir, boolean sync) {
    return new H2Engine(dir, sync, new Retention(1L << 40, 1L << 40, 1L << 40));
  }

  /** Appends, and notes what is stored, until it is killed. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] args) throws IOException, InterruptedException {
      var random = new Random();
      var store = engine(Path.of(args[0]), Boolean.parseBoolean(args[2]));
      long newest = store.open(0, (events, through) -> {}).newest();
      long batches = 0;
      var offset = ByteBuffer.allocate(Long.BYTES);
      try (var out = FileChannel.open(
          Path.of(args[0], "stored"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        while (true) {
          Thread.sleep(Integer.parseInt(args[1]));
          List<Entry> entries = new ArrayList<>();
          for (int i = random.nextInt(5); i >= 0; i--) {
            newest++;
            String json = newest + "x".repeat(50 + random.nextInt(200));
            entries.add(new Entry(
                "test", Audience.EVERYBODY, json.getBytes(StandardCharsets.US_ASCII), null));
          }
          store.append(new LogEngine.Batch("victim", ++batches, 0, entries));
          out.write(offset.clear().putLong(newest).flip(), 0);
        }
      }
    }
  }
}
