package io.samband.stream.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.log.EventFilter;
import io.samband.log.LogHealth;
import io.samband.log.MemoryLog;
import io.samband.stream.fanout.Engine.Received;
import io.samband.stream.fanout.Engine.Stream;
import io.samband.testing.Rounds;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Random schedules of writers, slow readers, overwriting, trimming, losses and damage: no torn frame, nothing missing without a
 * {@code reset} or a {@code skip}, nothing shown outside of its audience, no double, and no subscriber that sleeps on a pending
 * event. A failing round is repeated with the seed that it prints.
 */
class FanOutScheduleTest {
  private static final String[] TYPES = {"a", "b", "c"};
  private static final String[] ATTRIBUTES = {"s:1", "s:2", "u:x", "u:y"};
  private static final List<EventFilter> FILTERS = List.of(
      EventFilter.ALL,
      EventFilter.ALL,
      new EventFilter(Set.of("a")),
      new EventFilter(Set.of("b", "c")));

  @Test
  void everySubscriberSeesTheLogInOrderOnceWhateverTheSchedule() {
    Random seeds = Rounds.random(FanOutScheduleTest.class);
    for (int round = 0; round < Rounds.of(400, 20_000); round++) {
      long seed = seeds.nextLong();
      try {
        round(new Random(seed));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("round " + round + " seed " + seed, e);
      }
    }
  }

  private static void round(Random random) {
    // A ring of some frames only, so that it is overrun all the time.
    try (var engine = Engine.withoutTicks(200 + random.nextInt(3_000))) {
      List<Stream> streams = new ArrayList<>();
      int steps = 5 + random.nextInt(60);
      for (int step = 0; step < steps; step++) {
        step(random, engine, streams);
      }
      streams.forEach(stream -> stream.output().takeEverything());
      // The last event is of a type that all take, and must wake every subscriber that still waits.
      engine.log.append(3, "a", "b");
      for (Stream stream : streams) {
        check(engine, stream);
      }
    }
  }

  private static void step(Random random, Engine engine, List<Stream> streams) {
    switch (random.nextInt(13)) {
      case 0, 1 -> {
        EventFilter filter = FILTERS.get(random.nextInt(FILTERS.size())).seenBy(attributes(random));
        long newest = engine.log.state().newest();
        String cursor = random.nextInt(3) == 0
            ? null
            : MemoryLog.EPOCH + "-" + random.nextInt((int) newest + 1 + random.nextInt(2));
        streams.add(engine.subscribe(cursor, filter));
      }
      case 2 -> engine.log.trimThrough(random.nextInt((int) engine.log.state().newest() + 1));
      case 3 -> {
        if (random.nextInt(10) == 0) {
          engine.log.lose(1 + random.nextInt(5));
        } else if (random.nextInt(10) == 0) {
          damage(random, engine.log);
        }
      }
      case 4 -> engine.log.failReads(random.nextInt(40) == 0 ? 1 : 0);
      case 5 -> engine.worker.tick();
      case 12 -> {
        // The next tick tells the streams, each at its cursor.
        boolean ok = engine.log.health().isOk();
        engine.log.health(ok ? LogHealth.Status.FAILING : LogHealth.Status.OK, 1);
        engine.worker.tick();
      }
      case 6, 7, 8 -> {
        if (!streams.isEmpty()) {
          streams.get(random.nextInt(streams.size())).output().takeWrites(random.nextInt(4));
        }
      }
      default -> {
        String[] types = new String[1 + random.nextInt(6)];
        for (int i = 0; i < types.length; i++) {
          types[i] = TYPES[random.nextInt(TYPES.length)] + audience(random);
        }
        engine.log.append(random.nextInt(10) == 0 ? 2_000 : random.nextInt(60), types);
      }
    }
  }

  private static Set<String> attributes(Random random) {
    if (random.nextInt(4) == 0) {
      return null;
    }
    Set<String> attributes = new HashSet<>();
    while (random.nextInt(3) > 0) {
      attributes.add(ATTRIBUTES[random.nextInt(ATTRIBUTES.length)]);
    }
    return attributes;
  }

  private static String audience(Random random) {
    return switch (random.nextInt(12)) {
      case 0, 1, 2 -> "@" + ATTRIBUTES[random.nextInt(ATTRIBUTES.length)];
      case 3 -> "@s:1,u:y";
      case 4 -> "@this cannot be read";
      default -> "";
    };
  }

  /** Some stored events become a gap, anywhere in the log. */
  private static void damage(Random random, MemoryLog log) {
    long newest = log.state().newest();
    if (newest > 0) {
      long from = 1L + random.nextInt((int) newest);
      log.damage(from, Math.min(newest, from + random.nextInt(3)));
    }
  }

  private static void check(Engine engine, Stream stream) {
    EventFilter filter = stream.subscriber().filter;
    long newest = engine.log.state().newest();
    stream.awaitOffset(filter.takes(engine.log.headerOf(newest)) ? newest : newest - 1);
    assertThat(stream.output().violations()).isEmpty();
    assertThat(stream.output().eachWrite())
        .as("a skip is in the write of the frame after it")
        .allSatisfy(write -> assertThat(last(Received.all(write)).event()).isNotEqualTo("skip"));
    List<Received> all = stream.received();
    assertThat(all.get(0).event()).isEqualTo("hello");
    long cursor = all.get(0).offset();
    for (Received frame : all.subList(1, all.size())) {
      cursor = checked(engine.log, filter, cursor, frame);
    }
  }

  /** Whether a client at a cursor can accept a frame; and its cursor after that. */
  private static long checked(MemoryLog log, EventFilter filter, long cursor, Received frame) {
    String what = "after " + cursor + ": " + frame;
    if (frame.isEvent()) {
      assertThat(frame.offset()).as(what).isEqualTo(cursor + 1);
      assertThat(filter.takes(log.headerOf(frame.offset()))).as(what).isTrue();
      assertThat(frame.data()).contains("\"data\":\"" + frame.offset() + ".");
    } else if ("skip".equals(frame.event())) {
      assertThat(frame.data())
          .as(what)
          .isEqualTo("{\"from\":" + (cursor + 1) + ",\"to\":" + frame.offset() + "}");
      for (long offset = cursor + 1; offset <= frame.offset(); offset++) {
        assertThat(filter.takes(log.headerOf(offset)))
            .as(what + " hides " + offset)
            .isFalse();
      }
      assertThat(frame.offset()).as(what).isGreaterThan(cursor);
    } else if ("reset".equals(frame.event())) {
      if (!frame.data().endsWith("\"missed\":null}")) {
        // Everything before what is missed was delivered, or announced as hidden.
        long missed = Long.parseLong(frame.data().replaceAll(".*\"missed\":(\\d+)}", "$1"));
        assertThat(frame.offset() - missed).as(what).isEqualTo(cursor);
      }
    } else {
      assertThat(frame.offset()).as(what).isEqualTo(cursor);
    }
    return frame.offset();
  }

  private static <T> T last(List<T> list) {
    return list.get(list.size() - 1);
  }
}
