package io.samband.log.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.event.Audience;
import io.samband.event.EventId;
import io.samband.log.Entry;
import io.samband.log.EventFilter;
import io.samband.log.Gap;
import io.samband.log.IdempotencyKey;
import io.samband.log.LogEngine;
import io.samband.log.LogOpenException;
import io.samband.log.LogState;
import io.samband.log.LogUnavailableException;
import io.samband.log.LoggedEvent;
import io.samband.log.Reset;
import io.samband.log.Retention;
import io.samband.testing.DamagedFile;
import io.samband.testing.Rounds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random histories of one file against a plain model: events come, with keys and without, and grow old; the machine's clock is
 * set; the process restarts; parts of the file are overwritten meanwhile.
 *
 * <p>Whatever happens: an event is as it was published, or is announced as gone. None is too old too early, none stays too long.
 */
class H2HistoryTest {
  private static final long MINUTE = 60_000;
  private static final long YEAR = 365 * 24 * 60 * MINUTE;
  private static final Retention RETENTION = new Retention(1_500, 30 * MINUTE, 1L << 40);

  private static final int ROWS_OF_SOME_PAGES = 300;

  @TempDir
  Path dir;

  @Test
  void eventsAreAsTheyWerePublishedOrAnnouncedAsGone() throws IOException {
    Random seeds = Rounds.random(H2HistoryTest.class);
    Map<String, Integer> seen = new TreeMap<>();
    for (int round = 0; round < Rounds.of(15, 1_000); round++) {
      long seed = Long.getLong("samband.history", seeds.nextLong());
      var history = new History(Files.createDirectory(dir.resolve("h" + round)), new Random(seed));
      try {
        history.run();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("repeat with -Dsamband.history=" + seed + ' ' + history.script, e);
      } finally {
        history.engine.close();
      }
      history.seen.forEach((what, count) -> seen.merge(what, count, Integer::sum));
    }
    System.out.println("H2HistoryTest: " + seen);
    // A history in which nothing happens would pass as well.
    assertThat(seen)
        .containsKeys("read", "trimmed by age", "damaged", "clock", "repeat", "restart");
  }

  private static final class History {
    final Map<String, Integer> seen = new HashMap<>();
    final List<String> script = new ArrayList<>();
    private final Path dir;
    private final Random random;
    private final TreeMap<Long, Published> published = new TreeMap<>();
    private final Map<String, EventId> keys = new HashMap<>();
    private final List<Long> overwritten = new ArrayList<>();
    private H2Engine engine;
    private long batches;

    /** True time since the beginning, which no clock shows. */
    private long millis;

    private long wallOffset = YEAR * 50;
    private long startedAt;

    private record Published(String json, long at) {}

    History(Path dir, Random random) {
      this.dir = dir;
      this.random = random;
      start();
    }

    private void start() {
      startedAt = millis;
      engine = new H2Engine(
          dir, false, RETENTION, new LogClock(() -> wallOffset + millis, () -> millis * 1_000_000));
      open(0);
    }

    private void open(long known) {
      engine.open(known, (events, newest) -> {});
    }

    void run() throws IOException {
      for (int step = 0; step < 40; step++) {
        millis += random.nextInt(3) == 0 ? random.nextLong(5 * MINUTE) : random.nextLong(1_000);
        if (!step()) {
          return;
        }
        maintain();
      }
      readAll();
    }

    /** False if the file is refused: it is left alone, and there is nothing more to see. */
    private boolean step() throws IOException {
      switch (random.nextInt(10)) {
        case 0 -> {
          say("restart");
          engine.close();
          start();
        }
        case 1 -> {
          wallOffset += random.nextBoolean()
              ? random.nextLong(-YEAR, YEAR)
              : random.nextLong(-MINUTE, MINUTE);
          say("clock");
        }
        case 2 -> {
          return damage();
        }
        case 3 -> readAll();
        case 4, 5 -> post("key" + random.nextInt(5));
        default -> append(1 + random.nextInt(150), null);
      }
      return true;
    }

    private void append(int count, IdempotencyKey key) {
      List<Entry> entries = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        long number = engine.state().newest() + 1 + i;
        String json = "{\"type\":\"a\",\"data\":\"<" + number + ">" + "x".repeat(300) + "\"}";
        entries.add(new Entry("a", Audience.EVERYBODY, json.getBytes(StandardCharsets.UTF_8), key));
      }
      long before = engine.state().newest();
      var batch = new LogEngine.Batch("test", ++batches, 0, entries);
      List<EventId> ids = insisting(() -> engine.append(batch));
      assertThat(ids).hasSize(count);
      for (int i = 0; i < count; i++) {
        if (ids.get(i).offset() > before) {
          assertThat(ids.get(i).offset()).isEqualTo(before + 1 + i);
          published.put(
              ids.get(i).offset(),
              new Published(new String(entries.get(i).json(), StandardCharsets.UTF_8), millis));
        }
      }
      if (key != null) {
        repeated(key.value(), ids.get(0), before);
      }
    }

    private void post(String key) {
      append(1, IdempotencyKey.of(key, new byte[0]));
    }

    private void repeated(String key, EventId id, long before) {
      EventId first = keys.put(key, id);
      boolean kept = first != null && first.offset() >= engine.state().oldest();
      if (id.offset() <= before) {
        say("repeat");
        assertThat(id).isEqualTo(first);
      } else {
        // Damaged keys are forgotten, all of them.
        assertThat(kept && overwritten.isEmpty()).as("remembered " + key).isFalse();
      }
    }

    /** As the appender does: what failed is repeated after the file was opened again. */
    private <T> T insisting(Supplier<T> use) {
      for (int attempt = 0; ; attempt++) {
        try {
          return use.get();
        } catch (LogUnavailableException e) {
          say("again");
          assertThat(attempt).as(e.toString()).isLessThan(3);
          open(engine.state().newest());
        }
      }
    }

    private void maintain() {
      LogState before = engine.state();
      // A trim that comes upon damage says so, and the next one goes on.
      for (long unreadable = -1; unreadable != engine.unreadable(); ) {
        unreadable = engine.unreadable();
        insisting(() -> {
          engine.maintain(true);
          return null;
        });
      }
      LogState now = engine.state();
      for (long offset = before.oldest(); offset < now.oldest(); offset++) {
        if (now.newest() - offset < RETENTION.events()) {
          seen.merge("trimmed by age", 1, Integer::sum);
          assertThat(60 * (millis - published.get(offset).at))
              .as("age of " + offset)
              .isGreaterThanOrEqualTo(RETENTION.millis());
        }
      }
      assertThat(now.newest() - now.oldest()).isLessThan(RETENTION.events());
      Published oldest = published.get(now.oldest());
      // A restart forgets how long the process was down before it.
      if (oldest != null
          && oldest.at >= startedAt
          && now.gapAfter(now.oldest() - 1).isEmpty()) {
        assertThat(millis - oldest.at).as("kept").isLessThanOrEqualTo(RETENTION.millis());
      }
    }

    private boolean damage() throws IOException {
      long oldest = engine.state().oldest();
      // The last pages are read at the start: a file in which they are damaged is refused.
      long end = engine.state().newest() - 120;
      if (oldest >= end) {
        return true;
      }
      long offset = random.nextLong(oldest, end);
      if (published.get(offset) == null || isGone(offset)) {
        return true;
      }
      engine.close();
      byte[] good = Files.readAllBytes(dir.resolve("samband.mv.db"));
      if (!new String(good, StandardCharsets.ISO_8859_1).contains("<" + offset + ">")) {
        // Overwritten before, and nobody has read there since.
        start();
        return true;
      }
      say("damage " + offset);
      overwritten.add(offset);
      DamagedFile.overwrite(dir.resolve("samband.mv.db"), "<" + offset + ">", 300);
      byte[] bad = Files.readAllBytes(dir.resolve("samband.mv.db"));
      try {
        start();
        return true;
      } catch (LogOpenException e) {
        say("refused");
        assertThat(e).hasMessageContaining("is damaged");
        assertThat(bad).hasSameSizeAs(good);
        return false;
      }
    }

    private boolean isGone(long offset) {
      return engine.state().gaps().stream().anyMatch(gap -> gap.contains(offset));
    }

    private void readAll() {
      long at = engine.state().oldest() - 1;
      for (int reads = 0; at < engine.state().newest(); reads++) {
        assertThat(reads).isLessThan(1_000);
        Reset reset = engine.state().resetFor(at);
        if (reset != null) {
          at = reset.id().offset();
          continue;
        }
        long from = at;
        long through = engine.state().readableThrough(at);
        var scan = insisting(() -> engine.read(from, through, EventFilter.ALL, 1_000, 1 << 20));
        for (LoggedEvent event : scan.events()) {
          assertThat(event.offset()).as("no hole").isEqualTo(++at);
          assertThat(event.jsonText()).isEqualTo(published.get(at).json);
        }
        assertThat(scan.through()).isEqualTo(at);
        say("read");
      }
      for (Gap gap : engine.state().gaps()) {
        say("damaged");
        // What was overwritten may reach into the pages beside it, and a gap is trimmed from below.
        assertThat(overwritten)
            .as(gap.toString())
            .anyMatch(offset ->
                gap.from() - ROWS_OF_SOME_PAGES < offset && offset < gap.to() + ROWS_OF_SOME_PAGES);
        assertThat(gap.size()).isLessThan(ROWS_OF_SOME_PAGES);
      }
    }

    private void say(String what) {
      script.add(what);
      seen.merge(what.replaceAll(" \\d.*", ""), 1, Integer::sum);
    }
  }
}
