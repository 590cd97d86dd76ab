package io.samband.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.samband.testing.Rounds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of the embedded log. */
class H2StoreTest {
  private static final long DAY = 86_400_000;

  @TempDir
  Path dir;

  private H2Store store;
  private LogState state;

  @AfterEach
  void close() {
    if (store != null) {
      store.close();
    }
  }

  private void open() {
    close();
    store = new H2Store(dir, false);
    state = store.open();
  }

  private void append(int events) {
    append(events, "{\"type\":\"a\"}");
  }

  private void append(int events, String json) {
    var entry = new Store.Entry("a", json.getBytes(StandardCharsets.UTF_8), null);
    store.append(state.newest() + 1, Collections.nCopies(events, entry));
    state = state.appended(state.newest() + events);
  }

  private Store.Scan read(long after) {
    return store.read(after, state.newest(), state.epochs(), EventFilter.ALL, 1_000, 1 << 20);
  }

  @Test
  void everyOpeningBeginsANewEpochWithTheNextOffset() {
    open();
    append(3);
    String first = state.epoch();
    open();

    assertThat(state.newest()).isEqualTo(3);
    assertThat(state.epoch()).isNotEqualTo(first).matches("[0-9a-f]{8}");
    assertThat(state.epochs().lastOffset(first, state.newest())).hasValue(3);
    append(2);
    assertThat(state.epochs().of(3)).isEqualTo(first);
    assertThat(state.epochs().of(4)).isEqualTo(state.epoch());
    assertThat(read(0).events())
        .extracting(LoggedEvent::offset)
        .containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void theLogThatWasTrimmedToNothingStillKnowsItsNewestOffset() {
    open();
    append(10);
    store.trim(10);
    open();

    assertThat(state.newest()).isEqualTo(10);
    assertThat(state.oldest()).isEqualTo(11);
  }

  @Test
  void aLossIsAGapThatIsRememberedWhenReopenedAndForgottenWhenTrimmed() {
    open();
    append(10);
    store.lose(new Gap(11, 15));
    open();

    assertThat(state.newest()).isEqualTo(15);
    assertThat(state.oldest()).isEqualTo(1);
    assertThat(state.gaps()).containsExactly(new Gap(11, 15));
    append(1);
    store.trim(15);
    open();
    assertThat(state.gaps()).isEmpty();
  }

  @Test
  void bothBoundsOfRetentionAreKeptStepByStep() {
    open();
    append(500);
    var byCount = new Retention(100, DAY, 1 << 30);
    assertThat(store.trimTarget(state, byCount, System.currentTimeMillis())).isEqualTo(400);

    var byBytes = new Retention(1_000, DAY, 100 * 12);
    long target = store.trimTarget(state, byBytes, System.currentTimeMillis());
    assertThat(target).isEqualTo(400);

    var byAge = new Retention(1_000, DAY, 1 << 30);
    assertThat(store.trimTarget(state, byAge, System.currentTimeMillis() + 2 * DAY))
        .isEqualTo(500);
    assertThat(store.trimTarget(state, byAge, System.currentTimeMillis())).isZero();
  }

  @Test
  void theNewestEventIsKeptHoweverLarge() {
    open();
    append(2, "x".repeat(100_000));

    var retention = new Retention(1_000, DAY, 65_536);
    assertThat(store.trimTarget(state, retention, System.currentTimeMillis())).isEqualTo(1);
  }

  @Test
  void oneStepOfTrimmingIsBounded() {
    open();
    for (int i = 0; i < 6; i++) {
      append(1_000);
    }
    var retention = new Retention(10, DAY, 1 << 30);
    assertThat(store.trimTarget(state, retention, System.currentTimeMillis()))
        .isEqualTo(H2Store.TRIM_STEP);
  }

  @Test
  void aKeyIsForgottenWithItsEvent() {
    open();
    var key = IdempotencyKey.of("k", new byte[0]);
    store.append(1, List.of(new Store.Entry("a", new byte[] {'{', '}'}, key)));
    state = state.appended(1);
    assertThat(store.find(key)).contains(new Store.Remembered(1, key.bodyHash()));
    append(1);
    store.trim(1);

    assertThat(store.find(key)).isEmpty();
  }

  @Test
  void aPageEndsAtItsBoundsAndSaysHowFarItLooked() {
    open();
    append(300, "x".repeat(100));

    assertThat(store.read(10, 300, state.epochs(), EventFilter.ALL, 5, 1 << 20).through())
        .isEqualTo(15);
    assertThat(store.read(0, 300, state.epochs(), EventFilter.ALL, 1_000, 250).events())
        .hasSize(2);
    assertThat(store.read(0, 300, state.epochs(), EventFilter.ALL, 1_000, 1).events())
        .hasSize(1);
    var none = store.read(0, 300, state.epochs(), EventFilter.parse(List.of("other")), 10, 1 << 20);
    assertThat(none.events()).isEmpty();
    assertThat(none.through()).isEqualTo(300);
  }

  @Test
  void aFilterThatTakesNothingDoesNotScanTheWholeLogAtOnce() {
    open();
    for (int i = 0; i < 6; i++) {
      append(1_000);
    }
    long through = store
        .read(0, 6_000, state.epochs(), EventFilter.parse(List.of("other")), 10, 1 << 20)
        .through();
    assertThat(through).isBetween((long) PageBuilder.MAX_SCAN, PageBuilder.MAX_SCAN + 100L);
  }

  @Test
  void aSecondProcessOnTheSameDirectoryIsRefusedWithAClearMessage() throws Exception {
    open();
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process second = new ProcessBuilder(
            java.toString(),
            "-cp",
            System.getProperty("java.class.path"),
            SecondProcess.class.getName(),
            dir.toString())
        .redirectErrorStream(true)
        .start();
    String said = new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(said)
        .contains("LogInUseException")
        .contains(dir.resolve("samband.mv.db") + " is in use by another process; stop that one,")
        .contains("samband.data.dir");
    append(1);
    assertThat(read(0).events()).hasSize(1);
  }

  /** Opens the store that the argument names. */
  static final class SecondProcess {
    public static void main(String[] args) {
      try {
        new H2Store(Path.of(args[0]), false).open();
      } catch (RuntimeException e) {
        System.out.println(e);
      }
      System.exit(0);
    }
  }

  @Test
  void aFileThatIsNoLogIsLeftAloneAndTheMessageSaysWhatToDo() throws IOException {
    Path file = dir.resolve("samband.mv.db");
    byte[] garbage = new byte[50_000];
    new Random(1).nextBytes(garbage);
    Files.write(file, garbage);
    store = new H2Store(dir, false);

    assertThatThrownBy(store::open)
        .isInstanceOf(LogOpenException.class)
        .hasMessageContaining(file + " is damaged; nothing was changed.")
        .hasMessageContaining("Put a backup in its place, or move the file away");
    assertThat(Files.readAllBytes(file)).isEqualTo(garbage);
  }

  @Test
  void aDamagedFileNeverBecomesAnEmptyLog() throws IOException {
    open();
    for (int i = 0; i < 50; i++) {
      append(20, "x".repeat(1_500));
    }
    close();
    Path file = dir.resolve("samband.mv.db");
    byte[] good = Files.readAllBytes(file);
    Random random = Rounds.random(H2StoreTest.class);
    int refused = 0;
    for (int round = 0; round < Rounds.of(40, 1_000); round++) {
      byte[] bad = damaged(good, random);
      Files.write(file, bad);
      store = new H2Store(dir, false);
      try {
        // Much damage is in space that is free, or is healed by an older version of the file.
        long newest = store.open().newest();
        assertThat(newest).as("round " + round).isPositive();
      } catch (LogOpenException e) {
        refused++;
        assertThat(e).hasMessageContaining("samband.mv.db");
        assertThat(Files.readAllBytes(file)).isEqualTo(bad);
      }
      store.close();
    }
    assertThat(refused).isPositive();
  }

  private static byte[] damaged(byte[] good, Random random) {
    int from = random.nextInt(good.length);
    byte[] bad = good.clone();
    switch (random.nextInt(3)) {
      case 0 -> bad = Arrays.copyOf(good, (1 << 20) + random.nextInt(good.length - (1 << 20)));
      case 1 -> {
        byte[] noise = new byte[Math.min(good.length - from, 1 + random.nextInt(20_000))];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, bad, from, noise.length);
      }
      // Its length is all that is left of the events: what must be refused.
      default -> Arrays.fill(bad, 1 + random.nextInt(40_000), bad.length, (byte) 0);
    }
    return bad;
  }

  @Test
  void whatIsCommittedIsInTheFileWithoutClosing() throws IOException {
    open();
    append(100);
    Path copy = Files.createDirectory(dir.resolve("copy"));
    Files.copy(dir.resolve("samband.mv.db"), copy.resolve("samband.mv.db"));

    var other = new H2Store(copy, false);
    assertThat(other.open().newest()).isEqualTo(100);
    other.close();
  }

  @Test
  void anInterruptedReaderHarmsNobody() throws InterruptedException {
    open();
    append(2_000, "x".repeat(300));
    var done = new AtomicBoolean();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    Thread victim = new Thread(() -> {
      while (!done.get()) {
        try {
          read(0);
        } catch (LogUnavailableException e) {
          Thread.interrupted();
        } catch (RuntimeException e) {
          failures.add(e);
        }
      }
    });
    victim.start();
    for (int i = 0; i < 300; i++) {
      victim.interrupt();
      append(1);
      assertThat(read(0).events()).isNotEmpty();
    }
    done.set(true);
    victim.join();
    assertThat(failures).isEmpty();
    assertThat(state.newest()).isEqualTo(2_300);
  }

  @Test
  void whoReadsWhileTheStoreIsClosedOrReopenedIsToldSo() throws InterruptedException {
    open();
    append(1_000, "x".repeat(300));
    var done = new AtomicBoolean();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Thread reader = new Thread(() -> {
        while (!done.get()) {
          try {
            read(0);
          } catch (LogUnavailableException expected) {
            // As documented.
          } catch (RuntimeException | Error e) {
            failures.add(e);
          }
        }
      });
      reader.start();
      readers.add(reader);
    }
    for (int i = 0; i < 20; i++) {
      state = store.open();
      append(1);
    }
    store.close();
    done.set(true);
    for (Thread reader : readers) {
      reader.join();
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void closingLeavesNeitherThreadsNorADriverBehind() throws Exception {
    open();
    append(10);
    read(0);
    close();

    assertThat(Collections.list(DriverManager.getDrivers()))
        .noneMatch(driver -> driver instanceof org.h2.Driver);
    org.awaitility.Awaitility.await()
        .until(() -> Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().startsWith("samband-read")
                || thread.getName().startsWith("MVStore")));
    open();
    assertThat(state.newest()).isEqualTo(10);
  }
}
