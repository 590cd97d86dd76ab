package io.samband.stream.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.log.EventFilter;
import io.samband.log.LogHealth;
import io.samband.log.MemoryLog;
import io.samband.stream.fanout.Engine.Received;
import io.samband.stream.fanout.Engine.Stream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FanOutWorkerTest {
  private static final EventFilter ONLY_B = new EventFilter(Set.of("b"));

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Engine engine = new Engine(
      1 << 20,
      Map.of("samband.stream.keepalive-millis", "1000", "samband.stream.stall-millis", "1000"));

  @AfterEach
  void close() {
    engine.close();
  }

  private Stream ready(String lastEventId, EventFilter filter) {
    Stream stream = engine.subscribe(lastEventId, filter);
    stream.output().takeEverything();
    return stream;
  }

  private static List<Long> offsets(Stream stream) {
    return stream.received().stream()
        .filter(Received::isEvent)
        .map(Received::offset)
        .toList();
  }

  @Test
  void helloComesFirstAndThenTheEventsAfterIt() {
    engine.log.append(10, "a", "a");
    Stream stream = ready(null, EventFilter.ALL);
    stream.awaitOffset(2);
    engine.log.append(10, "a");
    stream.awaitOffset(3);
    assertThat(stream.received()).extracting(Received::event).containsExactly("hello", null);
    assertThat(stream.received()).extracting(Received::offset).containsExactly(2L, 3L);
  }

  @Test
  void aCursorGetsEverythingAfterIt() {
    engine.log.append(10, "a", "b", "c");
    Stream stream = ready(MemoryLog.EPOCH + "-1", EventFilter.ALL);
    stream.awaitOffset(3);
    assertThat(offsets(stream)).containsExactly(2L, 3L);
  }

  @Test
  void aStalledSubscriberIsNotWrittenToAndDelaysNoOther() {
    Stream stalled = engine.subscribe(null, EventFilter.ALL);
    Stream other = ready(null, EventFilter.ALL);
    engine.log.append(10, "a", "a", "a");
    other.awaitOffset(3);
    assertThat(stalled.output().writes()).isZero();
    stalled.output().takeEverything();
    stalled.awaitOffset(3);
    assertThat(offsets(stalled)).containsExactly(1L, 2L, 3L);
  }

  @Test
  void eventsAppendedDuringALongPassAreDeliveredAfterThePause() {
    Stream stream = ready(null, EventFilter.ALL);
    await().until(() -> stream.output().writes() == 1);
    stream.output().duringNextWrite(() -> {
      // The pass must be long enough for a rest that the wake-up of this event does not outlive.
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      engine.log.append(10, "a");
    });
    engine.log.append(10, "a");
    stream.awaitOffset(2);
    assertThat(offsets(stream)).containsExactly(1L, 2L);
  }

  @Test
  void anErrorInTheMiddleOfAPassEndsItsStreamsAndTheWorkerGoesOn() {
    Stream one = ready(null, EventFilter.ALL);
    Stream other = ready(null, EventFilter.ALL);
    await().until(() -> one.output().writes() == 1 && other.output().writes() == 1);
    one.output().duringNextWrite(() -> {
      throw new NoClassDefFoundError("meant");
    });
    engine.log.append(10, "a");
    await().until(() -> one.output().isClosed() && other.output().isClosed());
    Stream again = ready(MemoryLog.EPOCH + "-0", EventFilter.ALL);
    engine.log.append(10, "a");
    again.awaitOffset(2);
    assertThat(offsets(again)).containsExactly(1L, 2L);
  }

  @Test
  void anErrorWhileStreamsAreEndedAfterAnErrorLeavesNoneOpen() {
    Stream one = ready(null, EventFilter.ALL);
    Stream other = ready(null, EventFilter.ALL);
    await().until(() -> one.output().writes() == 1 && other.output().writes() == 1);
    Runnable fail = () -> {
      throw new NoClassDefFoundError("meant");
    };
    engine.duringNextDeparture.set(fail);
    one.output().duringNextWrite(fail);
    engine.log.append(10, "a");
    await().until(() -> one.output().isClosed() && other.output().isClosed());
    Stream again = ready(MemoryLog.EPOCH + "-0", EventFilter.ALL);
    again.awaitOffset(1);
    assertThat(engine.departures).containsExactly("1 failed", "2 failed");
  }

  @Test
  void eventsThatWaitedAreWrittenInOneWrite() {
    Stream stream = engine.subscribe(null, EventFilter.ALL);
    for (int i = 0; i < 50; i++) {
      engine.log.append(10, "a");
    }
    stream.output().takeEverything();
    stream.awaitOffset(50);
    assertThat(stream.output().writes()).isEqualTo(1);
  }

  @Test
  void aFilterTakesItsTypesAndTheKeepaliveCarriesTheCursorPastTheOthers() {
    Stream stream = ready(null, ONLY_B);
    engine.log.append(10, "a", "b", "a");
    stream.awaitOffset(2);
    await().atMost(Duration.ofSeconds(20)).until(() -> {
      engine.worker.tick();
      return stream.received().stream().anyMatch(f -> "keepalive".equals(f.event()));
    });
    assertThat(offsets(stream)).containsExactly(2L);
    Received last = stream.received().get(stream.received().size() - 1);
    assertThat(last.offset()).isEqualTo(3);
    assertThat(last.data()).startsWith("{\"newest\":3,\"timestamp\":\"");
  }

  @Test
  void theKeepaliveSaysInTheSameWriteWhatIsHidden() {
    Stream stream = ready(null, ONLY_B);
    await().until(() -> stream.output().writes() == 1);
    engine.log.append(10, "a", "b", "a", "a");
    stream.awaitOffset(2);
    await().atMost(PATIENCE).until(() -> {
      engine.worker.tick();
      return keepalives(stream) >= 2;
    });
    List<String> writes = stream.output().eachWrite();
    assertThat(writes.get(1)).isEqualTo("""
            id: 0a0b0c0d-1
            event: skip
            data: {"from":1,"to":1}

            id: 0a0b0c0d-2
            data: {"type":"b","data":"2.2.2."}

            """);
    assertThat(writes.get(2))
        .startsWith("id: 0a0b0c0d-4\nevent: skip\ndata: {\"from\":3,\"to\":4}\n\n"
            + "id: 0a0b0c0d-4\nevent: keepalive\ndata: {\"newest\":4,\"timestamp\":\"");
    assertThat(writes.get(3)).as("once").startsWith("id: 0a0b0c0d-4\nevent: keepalive\n");
  }

  @Test
  void anEventForOneUserIsOneWriteToThatUserAndTheOthersLearnOfItWithTheirNextFrame() {
    List<Stream> all = new ArrayList<>();
    for (String user : List.of("kari", "ola", "per", "anne")) {
      all.add(ready(null, EventFilter.ALL.seenBy(Set.of("user:" + user, "role:operator"))));
    }
    all.forEach(stream -> await().until(() -> stream.output().writes() == 1));
    engine.settle();
    engine.log.append(10, "a@user:ola");
    engine.log.append(10, "a@user:nobody_here", "b@user:ola,user:missing");
    Stream ola = all.get(1);
    ola.awaitOffset(3);
    engine.settle();
    assertThat(all)
        .extracting(stream -> stream.output().writes() == 1)
        .containsExactly(true, false, true, true);
    assertThat(offsets(ola)).containsExactly(1L, 3L);

    engine.log.append(10, "a@role:operator");
    all.forEach(stream -> stream.awaitOffset(4));
    String event = "id: 0a0b0c0d-4\ndata: {\"type\":\"a\",\"data\":\"4.4.4.\"}\n\n";
    assertThat(last(ola.output().eachWrite())).isEqualTo(event);
    for (int other : new int[] {0, 2, 3}) {
      assertThat(all.get(other).output().eachWrite()).hasSize(2);
      assertThat(last(all.get(other).output().eachWrite()))
          .isEqualTo("id: 0a0b0c0d-3\nevent: skip\ndata: {\"from\":1,\"to\":3}\n\n" + event);
    }
  }

  private static <T> T last(List<T> list) {
    return list.get(list.size() - 1);
  }

  @Test
  void aGroupThatReadsFromTheDiskIsSplitByItsAudiencesToo() {
    Stream kari = ready(null, EventFilter.ALL.seenBy(Set.of("user:kari")));
    Stream ola = ready(null, EventFilter.ALL.seenBy(Set.of("user:ola")));
    await().until(() -> kari.output().writes() == 1 && ola.output().writes() == 1);
    engine.settle();
    // More than the ring holds, told at once: both are in one group and need the same page.
    engine.log.append(1 << 20, "a@user:ola", "a@user:kari", "a");
    kari.awaitOffset(3);
    ola.awaitOffset(3);
    assertThat(offsets(kari)).containsExactly(2L, 3L);
    assertThat(offsets(ola)).containsExactly(1L, 3L);
    assertThat(ola.received())
        .extracting(Received::event)
        .containsExactly("hello", null, "skip", null);
    assertThat(kari.output().text()).doesNotContain("\"1.1.");
  }

  @Test
  void aSubscriberThatFallsBehindAndComesBackSeesNothingThatIsHidden() {
    EventFilter kari = EventFilter.ALL.seenBy(Set.of("user:kari"));
    Stream slow = ready(null, kari);
    slow.awaitOffset(0);
    slow.output().takeWrites(0);
    engine.log.append(10, "a", "a@user:ola", "a@user:kari", "a@user:ola");
    slow.output().takeEverything();
    slow.awaitOffset(3);
    assertThat(slow.received())
        .extracting(Received::event)
        .containsExactly("hello", null, "skip", null);
    Stream back = ready(MemoryLog.EPOCH + "-2", kari);
    back.awaitOffset(3);
    assertThat(offsets(back)).as("the id of a skip is a cursor").containsExactly(3L);
    var unused = engine.worker.drain(subscriber -> 700);
    await().atMost(PATIENCE).until(() -> back.output().isClosed());
    assertThat(last(back.output().eachWrite())).startsWith("""
            id: 0a0b0c0d-4
            event: skip
            data: {"from":4,"to":4}

            retry: 700
            id: 0a0b0c0d-4
            event: drain
            """);
  }

  @Test
  void withoutAnyTickOfATimerKeepalivesAndEvictionsGoOn() {
    Stream idle = ready(null, EventFilter.ALL);
    Stream stalled = engine.subscribe(null, EventFilter.ALL);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> stalled.output().isClosed() && keepalives(idle) >= 2);
    assertThat(engine.departures).containsExactly("2 stalled");
  }

  private static long keepalives(Stream stream) {
    return stream.received().stream().filter(f -> "keepalive".equals(f.event())).count();
  }

  @Test
  void aSubscriberThatWasWrittenToGetsNoKeepalive() {
    Stream stream = ready(null, EventFilter.ALL);
    engine.log.append(10, "a");
    stream.awaitOffset(1);
    engine.worker.tick();
    engine.settle();
    assertThat(stream.received()).extracting(Received::event).containsExactly("hello", null);
  }

  @Test
  void aSubscriberThatAcceptsNothingForTheStallTimeoutIsClosed() {
    Stream stalled = engine.subscribe(null, EventFilter.ALL);
    await().atMost(Duration.ofSeconds(20)).until(() -> {
      engine.worker.tick();
      return stalled.output().isClosed();
    });
    assertThat(engine.departures).containsExactly("1 stalled");
    assertThat(stalled.subscriber().isClosed()).isTrue();
  }

  @Test
  void aBrokenOutputIsDroppedAndTheOthersAreServed() {
    Stream broken = ready(null, EventFilter.ALL);
    Stream other = ready(null, EventFilter.ALL);
    broken.awaitOffset(0);
    other.awaitOffset(0);
    broken.output().breakDown();
    engine.log.append(10, "a");
    other.awaitOffset(1);
    engine.settle();
    assertThat(engine.departures).containsExactly("1 gone");
    assertThat(broken.output().isClosed()).isTrue();
  }

  @Test
  void aSlowReaderThatIsOvertakenByTrimmingIsToldBeforeAnythingElse() {
    engine.log.append(10, "a");
    Stream slow = ready(MemoryLog.EPOCH + "-1", EventFilter.ALL);
    slow.awaitOffset(1);
    slow.output().takeWrites(0);
    engine.log.append(40_000, "a", "a");
    engine.log.append(1 << 20, "a", "a", "a");
    engine.log.trimThrough(5);
    slow.output().takeEverything();
    slow.awaitOffset(6);
    List<Received> all = slow.received();
    assertThat(all).extracting(Received::event).contains("reset");
    int reset = all.stream().map(Received::event).toList().indexOf("reset");
    assertThat(all.get(reset).offset()).isEqualTo(5);
    assertThat(all.get(reset).data()).startsWith("{\"reason\":\"trimmed\",\"missed\":");
    assertThat(all.get(reset + 1).offset()).isEqualTo(6);
  }

  @Test
  void aLossIsToldAtOnceToThoseThatAreConnected() {
    engine.log.append(10, "a");
    Stream stream = ready(null, EventFilter.ALL);
    stream.awaitOffset(1);
    engine.log.lose(3);
    stream.awaitOffset(4);
    engine.log.append(10, "a");
    stream.awaitOffset(5);
    assertThat(stream.received())
        .extracting(Received::event)
        .containsExactly("hello", "reset", null);
    assertThat(stream.received().get(1).data()).isEqualTo("{\"reason\":\"lost\",\"missed\":3}");
  }

  @Test
  void aGapInTheMiddleIsAnnouncedBetweenTheEventsBeforeAndAfterIt() {
    engine.log.append(1, "a", "a");
    engine.log.lose(2);
    engine.log.append(1, "a", "a");
    engine.log.damage(6, 6);
    engine.log.append(1, "a");
    // What is in the ring is delivered from there: only a reader of the disk meets the damage.
    engine.log.append(1 << 20, "a", "a", "a");
    Stream stream = ready(MemoryLog.EPOCH + "-0", EventFilter.ALL);
    stream.awaitOffset(10);
    String text = stream.output().text();
    assertThat(text.substring(text.indexOf("\n\n") + 2, text.indexOf("id: 0a0b0c0d-8")))
        .isEqualTo("""
            id: 0a0b0c0d-1
            data: {"type":"a","data":"1."}

            id: 0a0b0c0d-2
            data: {"type":"a","data":"2."}

            id: 0a0b0c0d-4
            event: reset
            data: {"reason":"lost","missed":2}

            id: 0a0b0c0d-5
            data: {"type":"a","data":"5."}

            id: 0a0b0c0d-6
            event: reset
            data: {"reason":"lost","missed":1}

            id: 0a0b0c0d-7
            data: {"type":"a","data":"7."}

            """);
  }

  @Test
  void aStreamThatBreaksBetweenAnyTwoFramesResumesWithTheNext() {
    engine.log.append(1, "a", "a");
    engine.log.lose(2);
    engine.log.append(1, "a");
    engine.log.damage(2, 2);
    engine.log.append(1 << 20, "a", "a", "a");
    Stream whole = ready(MemoryLog.EPOCH + "-0", EventFilter.ALL);
    whole.awaitOffset(8);
    List<Received> all = whole.received().subList(1, whole.received().size());
    assertThat(all)
        .extracting(Received::event)
        .containsExactly(null, "reset", null, null, null, null);
    for (int i = 0; i < all.size(); i++) {
      Stream resumed = ready(MemoryLog.EPOCH + "-" + all.get(i).offset(), EventFilter.ALL);
      resumed.awaitOffset(8);
      List<Received> rest = resumed.received().subList(1, resumed.received().size());
      assertThat(rest).as("after " + all.get(i).offset()).isEqualTo(all.subList(i + 1, all.size()));
    }
  }

  @Test
  void aWholeGroupThatMeetsDamageIsResetPastItAndGoesOn() {
    Stream one = ready(null, EventFilter.ALL);
    Stream other = ready(null, EventFilter.ALL);
    await().until(() -> one.output().writes() == 1 && other.output().writes() == 1);
    engine.settle();
    engine.log.appendAndDamage(3, 1 << 20, "a", "a", "a", "a");
    one.awaitOffset(4);
    other.awaitOffset(4);
    for (Stream stream : List.of(one, other)) {
      assertThat(stream.received())
          .extracting(Received::event)
          .containsExactly("hello", null, null, "reset", null);
    }
  }

  @Test
  void subscribersAreToldOnceWhenTheLogBeginsAndCeasesToFail() {
    Stream all = ready(null, EventFilter.ALL);
    Stream onlyB = ready(null, ONLY_B);
    engine.log.append(10, "b", "a");
    all.awaitOffset(2);
    onlyB.awaitOffset(1);
    engine.log.health(LogHealth.Status.FAILING, 1_234);
    await()
        .atMost(PATIENCE)
        .until(() -> statuses(all).size() == 1 && statuses(onlyB).size() == 1);
    await().atMost(PATIENCE).until(() -> keepalives(all) > 0 && keepalives(onlyB) > 0);
    engine.log.health(LogHealth.Status.OK, 0);
    await()
        .atMost(PATIENCE)
        .until(() -> statuses(all).size() == 2 && statuses(onlyB).size() == 2);
    for (Stream stream : List.of(all, onlyB)) {
      assertThat(statuses(stream))
          .containsExactly(
              new Received("status", 2, "{\"log\":\"failing\",\"sinceMillis\":1234}"),
              new Received("status", 2, "{\"log\":\"ok\",\"sinceMillis\":0}"));
    }
  }

  @Test
  void subscribersThatWaitForAPageThatCannotBeReadAreTold() {
    engine.log.append(1 << 20, "a", "a");
    engine.log.failReads(Integer.MAX_VALUE);
    Stream live = ready(null, EventFilter.ALL);
    Stream waiting = ready(MemoryLog.EPOCH + "-0", EventFilter.ALL);
    await().atMost(PATIENCE).until(() -> statuses(waiting).size() == 1);
    assertThat(statuses(waiting).get(0).offset()).isZero();
    assertThat(statuses(waiting).get(0).data())
        .matches("\\{\"log\":\"failing\",\"sinceMillis\":[5-9]\\d{3}}");
    engine.log.failReads(0);
    waiting.awaitOffset(2);
    await().atMost(PATIENCE).until(() -> statuses(waiting).size() == 2);
    assertThat(statuses(waiting).get(1).data()).isEqualTo("{\"log\":\"ok\",\"sinceMillis\":0}");
    assertThat(statuses(live)).isEmpty();
  }

  private static List<Received> statuses(Stream stream) {
    return stream.received().stream().filter(f -> "status".equals(f.event())).toList();
  }

  @Test
  void aDrainTellsWhenToComeBackAndEndsTheStream() {
    Stream stream = ready(null, EventFilter.ALL);
    stream.awaitOffset(0);
    var unused = engine.worker.drain(subscriber -> 700);
    await().atMost(Duration.ofSeconds(20)).until(() -> stream.output().isClosed());
    assertThat(stream.output().text())
        .endsWith("retry: 700\nid: "
            + MemoryLog.EPOCH
            + "-0\nevent: drain\ndata: {\"reason\":\"shutdown\",\"reconnectMillis\":700}\n\n");
    assertThat(engine.departures).containsExactly("1 shutdown");
  }

  @Test
  void anErrorWhileReadingAPageIsFollowedByAnotherAttempt() {
    engine.log.append(1 << 20, "a", "a");
    engine.log.failNextRead(new NoClassDefFoundError("meant"));
    Stream behind = ready(MemoryLog.EPOCH + "-0", EventFilter.ALL);
    behind.awaitOffset(2);
    assertThat(offsets(behind)).containsExactly(1L, 2L);
  }

  @Test
  void subscribersThatWaitForTheDiskGetKeepalivesAndAreFoundWhenTheyAreGone() {
    engine.log.append(1 << 20, "a", "a");
    engine.log.failReads(Integer.MAX_VALUE);
    Stream waiting = ready(MemoryLog.EPOCH + "-0", EventFilter.ALL);
    Stream gone = ready(MemoryLog.EPOCH + "-0", EventFilter.ALL);
    waiting.awaitOffset(0);
    gone.awaitOffset(0);
    gone.output().breakDown();
    await().atMost(Duration.ofSeconds(20)).until(() -> {
      engine.worker.tick();
      return engine.departures.contains("2 gone")
          && waiting.received().stream().anyMatch(f -> "keepalive".equals(f.event()));
    });
    engine.log.failReads(0);
    waiting.awaitOffset(2);
    assertThat(offsets(waiting)).containsExactly(1L, 2L);
  }

  @Test
  void aSubscriberThatWaitsForTheDiskAndAcceptsNoKeepaliveIsClosed() {
    engine.log.append(1 << 20, "a", "a");
    engine.log.failReads(Integer.MAX_VALUE);
    Stream stalled = engine.subscribe(MemoryLog.EPOCH + "-0", EventFilter.ALL);
    stalled.output().takeWrites(2);
    await().atMost(Duration.ofSeconds(20)).until(() -> {
      engine.worker.tick();
      return stalled.output().isClosed();
    });
    assertThat(stalled.output().writes()).isEqualTo(2);
    assertThat(engine.departures).containsExactly("1 stalled");
  }

  @Test
  void aDiskThatCannotBeReadDelaysOnlySubscribersThatNeedIt() {
    engine.log.append(1 << 20, "a", "a");
    Stream live = ready(null, EventFilter.ALL);
    live.awaitOffset(2);
    engine.log.failReads(2);
    Stream behind = ready(MemoryLog.EPOCH + "-0", EventFilter.ALL);
    engine.log.append(10, "a");
    live.awaitOffset(3);
    behind.awaitOffset(3);
    assertThat(offsets(behind)).containsExactly(1L, 2L, 3L);
  }

  @Test
  void aSubscriberThatComesAfterTheWorkerHasEndedIsEnded() {
    var unused = engine.worker.drain(subscriber -> 0);
    await().atMost(Duration.ofSeconds(20)).until(() -> {
      Stream late = ready(null, EventFilter.ALL);
      return late.output().isClosed() && late.received().isEmpty();
    });
    Stream late = ready(null, EventFilter.ALL);
    await().atMost(Duration.ofSeconds(20)).until(() -> late.output().isClosed());
  }
}
