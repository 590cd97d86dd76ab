package io.samband.stream.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;

/** Streams of identities that expire. */
class ExpiryTest {
  private static final Pattern DRAIN =
      Pattern.compile("event: drain\ndata: \\{\"reason\":\"expired\",\"reconnectMillis\":(\\d+)}");

  private static Owner endingIn(String user, Duration life) {
    long now = System.nanoTime();
    long nanos = life.toNanos();
    return new Owner(user, null, now + nanos, now + nanos * 4 / 5);
  }

  private static void awaitEnd(Engine.Stream... streams) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> Arrays.stream(streams).allMatch(stream -> stream.subscriber().isClosed()));
  }

  /** Streams end a quarter of a second early. A machine may stand still for longer, but not each time that one looks. */
  private static void unlessTheMachineStandsStill(ThrowingRunnable attempt) {
    await().atMost(Duration.ofMinutes(1)).untilAsserted(attempt);
  }

  @Test
  void aStreamEndsBeforeItsIdentityExpiresAndItsClientIsToldWhy() {
    unlessTheMachineStandsStill(ExpiryTest::aStreamEndsBeforeItsIdentityExpires);
  }

  private static void aStreamEndsBeforeItsIdentityExpires() {
    // Without ticks: the worker must wake by itself.
    try (Engine engine = Engine.withoutTicks(1 << 20)) {
      Owner owner = endingIn("kari", Duration.ofMillis(900));
      Engine.Stream stream = engine.subscribe(owner);
      stream.output().takeEverything();

      awaitEnd(stream);

      assertThat(owner.hasEnded(System.nanoTime())).isFalse();
      assertThat(DRAIN.matcher(stream.output().text()).find()).isTrue();
      assertThat(engine.departures).containsExactly("1 expired");
    }
  }

  @Test
  void aSubscriberThatTakesNothingGetsNothingAfterTheEnd() {
    try (Engine engine = new Engine(1 << 20, Map.of())) {
      Engine.Stream stalled = engine.subscribe(endingIn("kari", Duration.ofMillis(600)));
      stalled.output().takeWrites(1);
      engine.settle();
      engine.log.append(10, "test", "test", "test");

      awaitEnd(stalled);
      String before = stalled.output().text();
      stalled.output().takeEverything();
      engine.log.append(10, "test", "test", "test");
      engine.settle();

      assertThat(stalled.output().text()).isEqualTo(before).doesNotContain("drain");
    }
  }

  @Test
  void nothingIsWrittenToAnIdentityThatExpiredWhileItsWorkerWasHeldUp() {
    try (Engine engine = new Engine(1 << 20, Map.of())) {
      Owner owner = endingIn("kari", Duration.ofSeconds(3));
      Engine.Stream late = engine.subscribe(owner);
      late.output().takeEverything();
      awaitIdle(engine, late);
      Engine.Stream first = engine.subscribe(Owner.NOBODY);
      first.output().takeEverything();
      awaitIdle(engine, first);
      // A worker writes to its idle streams from the newest to the oldest.
      first.output().duringNextWrite(() -> awaitEnd(owner));
      engine.log.append(10, "test");

      awaitEnd(late);

      assertThat(late.output().text()).doesNotContain("\"type\"");
      assertThat(first.output().text()).contains("\"type\"");
    }
  }

  /** The greeting is written in the turn that settles the engine, or in the next: only then is the stream idle. */
  private static void awaitIdle(Engine engine, Engine.Stream stream) {
    stream.awaitOffset(0);
    engine.settle();
  }

  private static void awaitEnd(Owner owner) {
    await().atMost(Duration.ofSeconds(60)).until(() -> owner.hasEnded(System.nanoTime()));
  }

  @Test
  void aFewStreamsOfOneIdentityComeBackSpread() {
    unlessTheMachineStandsStill(ExpiryTest::thirtyStreamsOfOneIdentityComeBackSpread);
  }

  private static void thirtyStreamsOfOneIdentityComeBackSpread() {
    try (Engine engine = new Engine(1 << 20, Map.of())) {
      Owner owner = endingIn("kari", Duration.ofSeconds(3));
      List<Engine.Stream> streams = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        Engine.Stream stream = engine.subscribe(owner);
        stream.output().takeEverything();
        streams.add(stream);
      }

      awaitEnd(streams.toArray(Engine.Stream[]::new));

      // The identity lives for at most 0.3 s longer; without the spread nobody waits much longer.
      // That thirty times out of thirty the spread is below a fifth of its 5 s does not happen.
      assertThat(streams).anySatisfy(stream -> {
        Matcher drain = DRAIN.matcher(stream.output().text());
        assertThat(drain.find()).isTrue();
        assertThat(Long.parseLong(drain.group(1))).isGreaterThan(1_400);
      });
    }
  }

  @Test
  void tenThousandIdentitiesThatExpireInTheSameSecondDoNotComeBackInTheSameSecond() {
    int count = 10_000;
    try (Engine engine = new Engine(1 << 20, Map.of())) {
      List<Engine.Stream> streams = new ArrayList<>();
      Owner owner = endingIn("kari", Duration.ofSeconds(14));
      for (int i = 0; i < count; i++) {
        Engine.Stream stream = engine.subscribe(owner);
        stream.output().takeEverything();
        streams.add(stream);
      }

      awaitEnd(streams.toArray(Engine.Stream[]::new));

      Map<Long, Integer> bySecond = new TreeMap<>();
      int told = 0;
      for (Engine.Stream stream : streams) {
        Matcher drain = DRAIN.matcher(stream.output().text());
        if (!drain.find()) {
          // The machine stood still until after the end: the stream was closed without a word.
          continue;
        }
        told++;
        bySecond.merge(Long.parseLong(drain.group(1)) / 1_000, 1, Integer::sum);
      }
      assertThat(told).isGreaterThan(count * 9 / 10);
      int most = told / 4;
      assertThat(bySecond).hasSizeGreaterThanOrEqualTo(5);
      assertThat(bySecond.values()).allSatisfy(each -> assertThat(each).isLessThan(most));
    }
  }

  @Test
  void streamsThatMayBeRenewedDoNotCountForTheLimitOfTheirUser() {
    OpenStreams open = new OpenStreams();
    try (Engine engine = new Engine(1 << 20, Map.of())) {
      Engine.Stream fresh = engine.subscribe(endingIn("kari", Duration.ofMinutes(1)));
      Engine.Stream forEver = engine.subscribe(new Owner("kari", "s", null, null));
      Engine.Stream other = engine.subscribe(endingIn("per", Duration.ofMinutes(1)));
      List.of(fresh, forEver, other).forEach(stream -> open.add(stream.subscriber()));
      long now = System.nanoTime();

      assertThat(open.countOfUser("kari", now)).isEqualTo(2);
      assertThat(open.countOfUser("kari", now + Duration.ofSeconds(50).toNanos()))
          .isEqualTo(1);
      assertThat(open.ofUser("kari"))
          .containsExactlyInAnyOrder(fresh.subscriber(), forEver.subscriber());
      assertThat(open.ofSession("s")).containsExactly(forEver.subscriber());
      open.remove(forEver.subscriber());
      open.remove(fresh.subscriber());
      assertThat(open.countOfUser("kari", now)).isZero();
      assertThat(open.count()).isEqualTo(1);
    }
  }
}
