package io.samband.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What was stored is there after the process was killed, also where the file has old space to reuse: an H2 that wrote the
 * newest commit into such space and did not find it again passed every test that only wrote fast.
 */
class KilledProcessTest {
  @TempDir
  Path dir;

  /** Longer than the store keeps space that it freed. */
  private static final String LONG_QUIET_MILLIS = "6500";

  @ParameterizedTest
  @CsvSource({
    LONG_QUIET_MILLIS + ",1,0,false",
    LONG_QUIET_MILLIS + ",3,700,false",
    "0,3,700,false",
    "0,3,700,true"
  })
  void whatWasStoredIsThereAfterAKill(String quiet, int events, String gap, boolean sync)
      throws Exception {
    life(quiet, events, gap, sync);
    assertThat(newest()).isEqualTo(events);
  }

  @Test
  void andAfterSeveralKills() throws Exception {
    life("0", 2, "300", false);
    life(LONG_QUIET_MILLIS, 1, "0", false);
    life("0", 2, "700", false);
    assertThat(newest()).isEqualTo(5);
  }

  private long newest() {
    var store = new H2Store(dir, false);
    try {
      return store.open().newest();
    } finally {
      store.close();
    }
  }

  private void life(String quietMillis, int events, String gapMillis, boolean sync)
      throws Exception {
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Life.class.getName(),
            dir.toString(),
            quietMillis,
            Integer.toString(events),
            gapMillis,
            Boolean.toString(sync))
        .redirectErrorStream(true)
        .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isEqualTo(Life.KILLED);
  }

  /** Opens the store, appends, and ends as a killed process does: without a word to anybody. */
  static final class Life {
    static final int KILLED = 137;

    private Life() {}

    public static void main(String[] args) throws InterruptedException {
      var store = new H2Store(Path.of(args[0]), Boolean.parseBoolean(args[4]));
      LogState state = store.open();
      Thread.sleep(Long.parseLong(args[1]));
      int events = Integer.parseInt(args[2]);
      for (int i = 1; i <= events; i++) {
        byte[] json = ("{\"n\":" + i + "}").getBytes(StandardCharsets.UTF_8);
        store.append(state.newest() + i, List.of(new Store.Entry("test", json, null)));
        Thread.sleep(Long.parseLong(args[3]));
      }
      Runtime.getRuntime().halt(KILLED);
    }
  }
}
