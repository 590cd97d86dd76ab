package io.samband.log.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.samband.event.Audience;
import io.samband.log.Entry;
import io.samband.log.EventFilter;
import io.samband.log.Gap;
import io.samband.log.IdempotencyKey;
import io.samband.log.LogEngine;
import io.samband.log.LogOpenException;
import io.samband.log.LogUnavailableException;
import io.samband.log.LoggedEvent;
import io.samband.log.PageBuilder;
import io.samband.log.Retention;
import io.samband.testing.DamagedFile;
import io.samband.testing.Rounds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of the embedded engine. */
class H2EngineTest {
  private static final long DAY = 86_400_000;
  private static final Retention ALL = new Retention(1L << 40, 1L << 40, 1L << 40);

  @TempDir
  Path dir;

  private H2Engine engine;
  private long batches;

  @AfterEach
  void close() {
    if (engine != null) {
      engine.close();
    }
  }

  private void open() {
    open(ALL);
  }

  private void open(Retention retention) {
    close();
    engine = new H2Engine(dir, false, retention);
    engine.open(0, (events, newest) -> {});
  }

  private Path file() {
    return dir.resolve("samband.mv.db");
  }

  /** To the file of an engine that is closed. */
  private Connection connect() throws SQLException {
    return new org.h2.Driver().connect("jdbc:h2:file:" + dir.resolve("samband"), new Properties());
  }

  private void append(int events) {
    append(events, "{\"type\":\"a\"}");
  }

  private void append(int events, String json) {
    append(Collections.nCopies(
        events, new Entry("a", Audience.EVERYBODY, json.getBytes(StandardCharsets.UTF_8), null)));
  }

  private void append(List<Entry> entries) {
    var unused = engine.append(new LogEngine.Batch("test", ++batches, 0, entries));
  }

  private LogEngine.Scan read(long after) {
    return read(after, EventFilter.ALL, 1_000, 1 << 20);
  }

  private LogEngine.Scan read(long after, EventFilter filter, int limit, int maxBytes) {
    return engine.read(after, engine.state().newest(), filter, limit, maxBytes);
  }

  @Test
  void theLogThatWasTrimmedToNothingStillKnowsItsNewestOffset() {
    open(new Retention(1L << 40, 1, 1L << 40));
    append(10);
    await().until(() -> {
      engine.maintain(true);
      return engine.state().oldest() == 11;
    });
    open();

    assertThat(engine.state().newest()).isEqualTo(10);
    assertThat(engine.state().oldest()).isEqualTo(11);
  }

  @Test
  void allBoundsOfRetentionAreKept() {
    open(new Retention(100, DAY, 1 << 30));
    append(500);
    engine.maintain(true);
    assertThat(engine.state().oldest()).isEqualTo(401);

    open(new Retention(1_000, DAY, 50 * 12));
    engine.maintain(true);
    assertThat(engine.state().oldest()).isEqualTo(451);
    assertThat(read(450).events()).hasSize(50);
  }

  @Test
  void theNewestEventIsKeptHoweverLarge() {
    open(new Retention(1_000, DAY, 65_536));
    append(2, "x".repeat(100_000));
    engine.maintain(true);
    assertThat(engine.state().oldest()).isEqualTo(2);
  }

  @Test
  void oneStepOfTrimmingIsBounded() {
    open(new Retention(10, DAY, 1 << 30));
    append(6_000);
    engine.maintain(true);
    assertThat(engine.state().oldest()).isEqualTo(Trimming.STEP + 1);
  }

  @Test
  void aKeyIsForgottenWithItsEvent() {
    open(new Retention(1, DAY, 1 << 30));
    var keyed = List.of(new Entry(
        "a", Audience.EVERYBODY, new byte[] {'{', '}'}, IdempotencyKey.of("k", new byte[0])));
    append(keyed);
    append(keyed);
    assertThat(engine.state().newest()).isEqualTo(1);
    append(1);
    engine.maintain(true);
    append(keyed);
    assertThat(engine.state().newest()).isEqualTo(3);
  }

  @Test
  void aPageEndsAtItsBoundsAndSaysHowFarItLooked() {
    open();
    append(300, "x".repeat(100));

    assertThat(read(10, EventFilter.ALL, 5, 1 << 20).through()).isEqualTo(15);
    assertThat(read(0, EventFilter.ALL, 1_000, 250).events()).hasSize(2);
    assertThat(read(0, EventFilter.ALL, 1_000, 1).events()).hasSize(1);
    var none = read(0, EventFilter.parse(List.of("other")), 10, 1 << 20);
    assertThat(none.events()).isEmpty();
    assertThat(none.through()).isEqualTo(300);
  }

  @Test
  void aFilterThatTakesNothingDoesNotScanTheWholeLogAtOnce() {
    open();
    append(6_000);
    long through = read(0, EventFilter.parse(List.of("other")), 10, 1 << 20).through();
    assertThat(through).isBetween((long) PageBuilder.MAX_SCAN, PageBuilder.MAX_SCAN + 100L);
  }

  // The file as a whole.

  @Test
  void aFileOfTheFirstFormatIsUpgradedAndKeepsItsEventsKeysAndCursors() throws IOException {
    // Written by version 86d31e6: 1 to 20, a loss up to 25, 26 to 40, and 41 with the key "k".
    copyOf("format-1.mv.db.gz");
    for (int opening = 0; opening < 2; opening++) {
      open();
      assertThat(engine.state().oldest()).isEqualTo(26);
      assertThat(engine.state().newest()).isEqualTo(41);
      assertThat(engine.state().gaps()).isEmpty();
      assertThat(read(25).events()).hasSize(16);
      assertThat(read(25).events().get(0).jsonText()).contains("\"data\":26");
      assertThat(engine.state().epochs().list()).hasSize(4 + opening);
    }
    append(List.of(new Entry(
        "keyed",
        Audience.EVERYBODY,
        new byte[] {'{', '}'},
        IdempotencyKey.of("k", "body".getBytes(StandardCharsets.UTF_8)))));
    assertThat(engine.state().newest()).as("the key is known").isEqualTo(41);
    append(1);
    assertThat(read(25).events()).hasSize(17);
  }

  private void copyOf(String old) throws IOException {
    try (var file = new GZIPInputStream(H2EngineTest.class.getResourceAsStream(old))) {
      Files.copy(file, file());
    }
  }

  @Test
  void aFileOfTheSecondFormatIsUpgradedAndItsEventsAreForEverybody() throws Exception {
    // Written by version 08de92d: 1 to 20, a loss up to 25, 26 to 40, and 41 with the key "k";
    // trimmed through 5.
    copyOf("format-2.mv.db.gz");
    for (int opening = 0; opening < 2; opening++) {
      open();
      assertThat(engine.state().oldest()).isEqualTo(6);
      assertThat(engine.state().newest()).isEqualTo(41 + opening);
      assertThat(engine.state().gaps()).containsExactly(new Gap(21, 25));
      assertThat(engine.state().epochs().list()).hasSize(4 + opening);
      var events = read(5, EventFilter.ALL.seenBy(Set.of()), 1_000, 1 << 20).events();
      assertThat(events).hasSize(15);
      assertThat(events).allMatch(event -> event.audience().isEverybody());
      assertThat(events.get(0).jsonText()).isEqualTo("{\"type\":\"a\",\"data\":6}");
      append(List.of(new Entry(
          "keyed",
          Audience.EVERYBODY,
          new byte[] {'{', '}'},
          IdempotencyKey.of("k", "body".getBytes(StandardCharsets.UTF_8)))));
      assertThat(engine.state().newest()).as("the key is known").isEqualTo(41 + opening);
      append(List.of(addressed("station:" + opening)));
      assertThat(read(41 + opening).events())
          .extracting(LoggedEvent::audience)
          .containsExactly(Audience.of("station:" + opening));
    }
  }

  @Test
  void anUpgradeOfTheSecondFormatLeavesRowsAloneThatWereTrimmedOnlyOnPaper() throws Exception {
    copyOf("format-2.mv.db.gz");
    // As beside damage: rows that cannot be removed, because H2 would read their neighbours.
    try (Connection connection = connect()) {
      Sql.update(connection, "UPDATE position SET trimmed_through = 10");
    }
    open();
    assertThat(engine.state().oldest()).isEqualTo(11);
    close();
    try (Connection connection = connect()) {
      assertThat(Sql.number(
              connection, "SELECT MIN(event_offset) FROM event WHERE event_offset > ?", 0, 0))
          .isEqualTo(6);
    }
  }

  private static Entry addressed(String... attributes) {
    return new Entry("a", Audience.of(attributes), new byte[] {'{', '}'}, null);
  }

  @Test
  void theLongestAudienceIsKept() {
    open();
    String[] attributes = IntStream.range(0, Audience.MAX_ATTRIBUTES)
        .mapToObj(i -> "a" + (char) ('a' + i) + ":" + "\ud83d\ude92".repeat(62))
        .toArray(String[]::new);
    append(List.of(addressed(attributes)));
    open();
    assertThat(read(0).events().get(0).audience()).isEqualTo(Audience.of(attributes));
  }

  @Test
  void anEventWhoseAudienceCannotBeReadIsShownToNobody() throws Exception {
    List<String> unreadable =
        List.of("a,", "a,station", "a,station:1,", "a,Station:1", "a,s:1,s:1", "a,s: 1", "a,,s:1");
    open();
    append(unreadable.size());
    append(List.of(addressed("s:1")));
    close();
    try (Connection connection = connect();
        var update =
            connection.prepareStatement("UPDATE event SET type = ? WHERE event_offset = ?")) {
      for (int i = 0; i < unreadable.size(); i++) {
        update.setString(1, unreadable.get(i));
        update.setLong(2, i + 1L);
        update.executeUpdate();
      }
    }
    open();
    for (EventFilter filter : List.of(
        EventFilter.ALL,
        EventFilter.ALL.seenBy(Set.of("s:1", "station:1", "Station:1", "station", "", "s: 1")),
        EventFilter.parse(List.of("a")).seenBy(Set.of("s:1")))) {
      var scan = read(0, filter, 1_000, 1 << 20);
      assertThat(scan.events())
          .extracting(LoggedEvent::offset)
          .containsExactly(unreadable.size() + 1L);
      assertThat(scan.through()).isEqualTo(unreadable.size() + 1L);
    }
  }

  @Test
  void aFileOfALaterFormatIsRefusedAndLeftAlone() throws Exception {
    open();
    append(3);
    close();
    try (Connection connection = connect();
        var statement = connection.createStatement()) {
      statement.execute("UPDATE format SET version = 4");
    }
    engine = new H2Engine(dir, false, ALL);
    for (int attempt = 0; attempt < 2; attempt++) {
      assertThatThrownBy(() -> engine.open(0, (events, newest) -> {}))
          .isInstanceOf(LogOpenException.class)
          .hasMessageContaining("newer version of Samband (format 4, this one knows 3)")
          .hasMessageContaining("nothing was changed");
    }
    try (Connection connection = connect()) {
      assertThat(Sql.number(connection, "SELECT COUNT(*) FROM epoch WHERE number > ?", 0, 0))
          .isEqualTo(1);
    }
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
        .contains(file() + " is in use by another process; stop that one,")
        .contains("samband.data.dir");
    append(1);
    assertThat(read(0).events()).hasSize(1);
  }

  /** Opens the engine that the argument names. */
  static final class SecondProcess {
    private SecondProcess() {}

    public static void main(String[] args) {
      try {
        new H2Engine(Path.of(args[0]), false, ALL).open(0, (events, newest) -> {});
      } catch (RuntimeException e) {
        System.out.println(e);
      }
      System.exit(0);
    }
  }

  @Test
  void aFileThatIsNoLogIsLeftAloneAndTheMessageSaysWhatToDo() throws IOException {
    Path file = file();
    byte[] garbage = new byte[50_000];
    new Random(1).nextBytes(garbage);
    Files.write(file, garbage);
    engine = new H2Engine(dir, false, ALL);

    assertThatThrownBy(() -> engine.open(0, (events, newest) -> {}))
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
    Path file = file();
    byte[] good = Files.readAllBytes(file);
    Random random = Rounds.random(H2EngineTest.class);
    int refused = 0;
    for (int round = 0; round < Rounds.of(40, 1_000); round++) {
      byte[] bad = damaged(good, random);
      Files.write(file, bad);
      engine = new H2Engine(dir, false, ALL);
      try {
        // Much damage is in space that is free, or is healed by an older version of the file.
        long newest = engine.open(0, (events, offset) -> {}).newest();
        assertThat(newest).as("round " + round).isPositive();
      } catch (LogOpenException e) {
        refused++;
        assertThat(e).hasMessageContaining("samband.mv.db");
      }
      engine.close();
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
    Files.copy(file(), copy.resolve("samband.mv.db"));

    var other = new H2Engine(copy, false, ALL);
    assertThat(other.open(0, (events, newest) -> {}).newest()).isEqualTo(100);
    other.close();
  }

  @Test
  void readersAreToldWhileTheFileIsClosedOrOpenedAgain() throws InterruptedException {
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
      engine.open(engine.state().newest(), (events, newest) -> {});
      append(1);
    }
    engine.close();
    done.set(true);
    for (Thread reader : readers) {
      reader.join();
    }
    assertThat(failures).isEmpty();
    assertThat(engine.state().gaps())
        .as("a file that is closed is not a damaged one")
        .isEmpty();
  }

  @Test
  void closingLeavesNeitherThreadsNorADriverBehind() {
    var before = Thread.getAllStackTraces().keySet();
    open();
    append(10);
    read(0);
    close();

    assertThat(Collections.list(DriverManager.getDrivers()))
        .noneMatch(driver -> driver instanceof org.h2.Driver);
    await()
        .until(() -> Thread.getAllStackTraces().keySet().stream()
            .noneMatch(
                thread -> !before.contains(thread) && thread.getName().startsWith("MVStore")));
    open();
    assertThat(engine.state().newest()).isEqualTo(10);
  }

  // Damage.

  /** Opens a log of 2,000 events in which the pages of some have been overwritten. */
  private void openDamaged(int... offsets) throws IOException {
    open();
    List<Entry> entries = new ArrayList<>();
    for (int offset = 1; offset <= 2_000; offset++) {
      String json = "{\"type\":\"a\",\"data\":\"<" + offset + ">" + "x".repeat(300) + "\"}";
      entries.add(new Entry("a", Audience.EVERYBODY, json.getBytes(StandardCharsets.UTF_8), null));
    }
    append(entries);
    close();
    for (int offset : offsets) {
      DamagedFile.overwrite(file(), "<" + offset + ">", 300);
    }
    open();
  }

  private List<Long> readAll() {
    List<Long> offsets = new ArrayList<>();
    long at = engine.state().oldest() - 1;
    for (int reads = 0; at < engine.state().newest(); reads++) {
      assertThat(reads).isLessThan(1_000);
      var reset = engine.state().resetFor(at);
      if (reset != null) {
        at = reset.id().offset();
        continue;
      }
      var scan =
          engine.read(at, engine.state().readableThrough(at), EventFilter.ALL, 1_000, 1 << 20);
      scan.events().stream().map(LoggedEvent::offset).forEach(offsets::add);
      at = scan.through();
    }
    return offsets;
  }

  @Test
  void eventsThatCannotBeReadBecomeGapsAndAllOthersAreRead() throws IOException {
    openDamaged(500, 1_200, 1_900);

    List<Long> read = readAll();
    assertThat(read).isSorted().doesNotHaveDuplicates().doesNotContain(500L, 1_200L, 1_900L);
    assertThat(engine.state().gaps()).hasSizeBetween(1, 3);
    long gone = engine.state().gaps().stream().mapToLong(gap -> gap.size()).sum();
    assertThat(read).hasSize((int) (2_000 - gone));
    assertThat(engine.unreadable()).isEqualTo(gone);
    assertThat(gone).as("only the pages that are damaged").isLessThan(600);
  }

  @Test
  void damageIsRememberedAndTheLogGoesOnAppendingAndTrimming() throws IOException {
    openDamaged(500);
    readAll();
    var gaps = engine.state().gaps();
    engine.maintain(true);
    open(new Retention(1_000, 1L << 40, 1L << 40));
    assertThat(engine.state().gaps()).isEqualTo(gaps);
    for (int i = 0; i < 5; i++) {
      append(1);
      engine.maintain(true);
    }
    assertThat(engine.state().newest()).isEqualTo(2_005);
    assertThat(engine.state().oldest()).isEqualTo(1_006);
    assertThat(engine.state().gaps()).isEmpty();
    assertThat(readAll()).hasSize(1_000);
    open();
    assertThat(readAll()).hasSize(1_000);
  }

  @Test
  void damageThatNobodyHasReadDoesNotStopTrimming() throws IOException {
    openDamaged(500);
    open(new Retention(1_000, 1L << 40, 1L << 40));
    for (int i = 0; i < 5; i++) {
      append(1);
      engine.maintain(true);
    }
    assertThat(engine.state().oldest()).isEqualTo(1_006);
    assertThat(readAll()).hasSize(1_000);
  }

  private void appendKeyed(int from, int through) {
    for (int i = from; i <= through; i++) {
      byte[] json = "{\"type\":\"a\"}".getBytes(StandardCharsets.UTF_8);
      append(List.of(
          new Entry("a", Audience.EVERYBODY, json, IdempotencyKey.of("key-" + i + "-yek", json))));
    }
  }

  /** The appender's way with a failure: it opens the log again and repeats. */
  private void withReopening(Runnable change) {
    try {
      change.run();
    } catch (LogUnavailableException e) {
      engine.open(0, (events, newest) -> {});
      change.run();
    }
  }

  @Test
  void damagedKeysAreForgottenAndTheLogGoesOn() throws IOException {
    open();
    appendKeyed(1, 1_000);
    close();
    DamagedFile.overwrite(file(), "key-500-yek", 0);
    open();
    withReopening(() -> appendKeyed(500, 500));
    assertThat(engine.state().newest()).as("published again").isEqualTo(1_001);
    appendKeyed(500, 501);
    assertThat(engine.state().newest()).as("remembered again").isEqualTo(1_002);
    open();
    appendKeyed(501, 501);
    assertThat(engine.state().newest()).isEqualTo(1_002);
    assertThat(readAll()).as("no event is touched").hasSize(1_002);
  }

  @Test
  void damagedKeysDoNotStopTrimming() throws IOException, SQLException {
    open();
    appendKeyed(1, 1_000);
    close();
    DamagedFile.overwrite(file(), "key-500-yek", 0);
    open(new Retention(200, 1L << 40, 1L << 40));
    for (int i = 0; i < 5; i++) {
      append(1);
      engine.maintain(true);
    }
    assertThat(engine.state().oldest()).isEqualTo(806);
    appendKeyed(500, 500);
    assertThat(engine.state().newest()).isEqualTo(1_006);
    close();
    assertThat(rowsInTheFile()).as("what was trimmed is removed").isEqualTo(201);
  }

  private long rowsInTheFile() throws SQLException {
    try (Connection connection = connect()) {
      return Sql.number(connection, "SELECT COUNT(*) FROM event WHERE event_offset > ?", 0, -1);
    }
  }

  @Test
  void aDamagedListOfEpochsIsRefusedAgainAndAgain() throws IOException {
    open();
    append(3);
    String epoch = engine.state().epochs().current();
    close();
    DamagedFile.overwrite(file(), epoch, 0);
    for (int attempt = 0; attempt < 3; attempt++) {
      assertThatThrownBy(this::open)
          .isInstanceOf(LogOpenException.class)
          .hasMessageContaining("is damaged")
          .hasMessageContaining("Put a backup in its place");
    }
  }
}
