package io.samband.stream.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.log.EventFilter;
import io.samband.log.EventHeader;
import io.samband.stream.fanout.Engine.Received;
import io.samband.stream.fanout.Engine.Stream;
import io.samband.testing.Rounds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Random schedules of writers, slow readers, overwriting, trimming, losses and damage: no torn frame, nothing missing without a
 * {@code reset}, no double, and no subscriber that sleeps on a pending event. A failing round is repeated with the seed that it prints.
 */
class FanOutScheduleTest {
  private static final String[] TYPES = {"a", "b", "c"};
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
    switch (random.nextInt(12)) {
      case 0, 1 -> {
        EventFilter filter = FILTERS.get(random.nextInt(FILTERS.size()));
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
      case 6, 7, 8 -> {
        if (!streams.isEmpty()) {
          streams.get(random.nextInt(streams.size())).output().takeWrites(random.nextInt(4));
        }
      }
      default -> {
        String[] types = new String[1 + random.nextInt(6)];
        for (int i = 0; i < types.length; i++) {
          types[i] = TYPES[random.nextInt(TYPES.length)];
        }
        engine.log.append(random.nextInt(10) == 0 ? 2_000 : random.nextInt(60), types);
      }
    }
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
    stream.awaitOffset(filter.takes(header("b")) ? newest : newest - 1);
    assertThat(stream.output().violations()).isEmpty();
    List<Received> all = stream.received();
    assertThat(all.get(0).event()).isEqualTo("hello");
    long cursor = all.get(0).offset();
    for (Received frame : all.subList(1, all.size())) {
      if ("reset".equals(frame.event())) {
        if (!frame.data().endsWith("\"missed\":null}")) {
          assertThat(frame.offset()).isGreaterThan(cursor);
          // Everything before what is missed was delivered.
          long missed = Long.parseLong(frame.data().replaceAll(".*\"missed\":(\\d+)}", "$1"));
          assertNothingSkipped(engine, filter, cursor, frame.offset() - missed + 1);
        }
        cursor = frame.offset();
      } else if (frame.isEvent()) {
        String type = frame.data().substring(9, 10);
        assertThat(filter.takes(header(type))).isTrue();
        assertThat(frame.data()).contains("\"data\":\"" + frame.offset() + ".");
        assertThat(frame.offset()).isGreaterThan(cursor);
        assertNothingSkipped(engine, filter, cursor, frame.offset());
        cursor = frame.offset();
      } else {
        // A keepalive may only move the cursor over what the filter leaves out.
        assertThat(frame.offset()).isGreaterThanOrEqualTo(cursor);
        assertNothingSkipped(engine, filter, cursor, frame.offset() + 1);
        cursor = frame.offset();
      }
    }
  }

  private static EventHeader header(String type) {
    return new EventHeader(1, type);
  }

  private static void assertNothingSkipped(
      Engine engine, EventFilter filter, long after, long before) {
    for (long offset = after + 1; offset < before; offset++) {
      assertThat(filter.takes(header(engine.log.typeOf(offset))))
          .as("offset %s of type %s skipped", offset, engine.log.typeOf(offset))
          .isFalse();
    }
  }
}
