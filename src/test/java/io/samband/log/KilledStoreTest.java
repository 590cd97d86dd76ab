package io.samband.log;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.testing.Rounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a process that appends. For longer than 5 s, because only then the file's space is reused; and not at full speed,
 * because then H2 hides what it forgets.
 */
class KilledStoreTest {
  @TempDir
  Path dir;

  @Test
  void nothingThatWasAppendedIsLost() throws Exception {
    Random random = Rounds.random(KilledStoreTest.class);
    for (int round = 0; round < Rounds.of(3, 100); round++) {
      Path acknowledged = dir.resolve("acknowledged");
      Files.deleteIfExists(acknowledged);
      Process process = new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx200m",
              "-cp",
              System.getProperty("java.class.path"),
              Victim.class.getName(),
              dir.toString(),
              String.valueOf(random.nextInt(30)))
          .redirectErrorStream(true)
          .redirectOutput(dir.resolve("out").toFile())
          .start();
      long began = System.nanoTime();
      long life = SECONDS.toNanos(6) + random.nextInt(2_000_000_000);
      await()
          .atMost(60, SECONDS)
          .until(() -> System.nanoTime() - began > life && Files.exists(acknowledged));
      process.destroyForcibly().waitFor();

      long offset = ByteBuffer.wrap(Files.readAllBytes(acknowledged)).getLong();
      var store = new H2Store(dir, false);
      try {
        assertThat(store.open().newest()).as("round " + round).isGreaterThanOrEqualTo(offset);
      } finally {
        store.close();
      }
    }
  }

  /** Appends, and notes what is appended, until it is killed. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] args) throws IOException, InterruptedException {
      var random = new Random();
      var store = new H2Store(Path.of(args[0]), false);
      long newest = store.open().newest();
      var offset = ByteBuffer.allocate(8);
      try (var out = FileChannel.open(
          Path.of(args[0], "acknowledged"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        while (true) {
          int count = 1 + random.nextInt(5);
          byte[] json = "x".repeat(50 + random.nextInt(200)).getBytes(StandardCharsets.US_ASCII);
          store.append(newest + 1, Collections.nCopies(count, new Store.Entry("test", json, null)));
          newest += count;
          out.write(offset.clear().putLong(newest).flip(), 0);
          Thread.sleep(Integer.parseInt(args[1]));
        }
      }
    }
  }
}
