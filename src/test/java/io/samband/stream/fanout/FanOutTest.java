package io.samband.stream.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.samband.concurrent.Notifier;
import io.samband.event.EventId;
import io.samband.log.EventFilter;
import io.samband.log.LogHealth;
import io.samband.log.LogState;
import io.samband.log.MemoryLog;
import io.samband.settings.Settings;
import io.samband.stream.fanout.Engine.Stream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The engine as a whole, with what it calls of others: log handlers, listeners, outputs. */
class FanOutTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final MemoryLog log = new MemoryLog();
  private volatile Runnable logWriter = () -> {};
  private final Notifier notifier =
      new Notifier(1_000, (logger, level, message, values) -> logWriter.run());
  private final List<String> ended = new CopyOnWriteArrayList<>();
  private final CountDownLatch blocked = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private volatile Runnable listener = () -> {};
  private final FanOut fanOut =
      new FanOut(log, Settings.of(Map.of()), notifier, (subscriber, reason, cause) -> {
        listener.run();
        ended.add(subscriber.peer().number() + (cause == null ? "" : " " + cause.getMessage()));
      });
  private long numbers;

  @AfterEach
  void close() {
    released.countDown();
    fanOut.close();
    notifier.close();
  }

  private Stream subscribe() {
    return subscribe(
        Engine.subscriber(++numbers, log.state(), MemoryLog.EPOCH + "-0", EventFilter.ALL),
        log.state());
  }

  private Stream subscribe(Subscriber subscriber, LogState admitted) {
    ScriptedOutput output = new ScriptedOutput();
    output.onWritable(subscriber::onWritable);
    subscriber.output(output);
    fanOut.register(subscriber, admitted);
    output.start();
    output.takeEverything();
    return new Stream(subscriber, output);
  }

  private void block() {
    blocked.countDown();
    boolean interrupted = false;
    while (true) {
      try {
        released.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** A thread that is left would ask for the log again and again, and take it as soon as it can. */
  @Test
  void aLogThatCannotBeFollowedLeavesNoThreadBehind() {
    long before = workers();
    MemoryLog failing = new MemoryLog() {
      @Override
      public synchronized void follow(Follower follower) {
        throw new IllegalStateException("in use by another process");
      }
    };
    assertThatThrownBy(() ->
            new FanOut(failing, Settings.of(Map.of()), notifier, (subscriber, reason, cause) -> {}))
        .hasMessage("in use by another process");
    assertThat(workers()).isEqualTo(before);
  }

  private static long workers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("samband-fan-out"))
        .count();
  }

  @Test
  void aLogHandlerThatBlocksDelaysNoStream() {
    logWriter = this::block;
    Stream leaves = subscribe();
    Stream stays = subscribe();
    log.append(10, "a");
    leaves.awaitOffset(1);
    leaves.subscriber().close();
    await().atMost(PATIENCE).until(() -> leaves.output().isClosed());
    log.append(10, "a");
    stays.awaitOffset(2);
    subscribe().awaitOffset(2);
    assertThat(fanOut.connections()).hasSize(2);
    released.countDown();
    await().atMost(PATIENCE).until(() -> ended.equals(List.of("1")));
  }

  @Test
  void aListenerThatBlocksDelaysNoStreamAndOneThatFailsEndsNone() {
    listener = this::block;
    Stream leaves = subscribe();
    Stream stays = subscribe();
    leaves.awaitOffset(0);
    leaves.subscriber().onBroken(new java.io.IOException("reset"));
    await().atMost(PATIENCE).until(() -> leaves.output().isClosed());
    log.append(10, "a");
    stays.awaitOffset(1);
    listener = () -> {
      throw new NoClassDefFoundError("meant");
    };
    released.countDown();
    stays.subscriber().close();
    await().atMost(PATIENCE).until(() -> stays.output().isClosed());
    subscribe().awaitOffset(1);
    await().atMost(PATIENCE).until(() -> ended.equals(List.of("1 reset")));
  }

  @Test
  void aWorkerThatHangsInAWriteIsAProblemUntilItGoesOn() {
    Stream hangs = subscribe();
    hangs.awaitOffset(0);
    assertThat(fanOut.problem()).isEmpty();
    hangs.output().duringNextWrite(this::block);
    log.append(10, "a");
    Duration limit = Ticks.LIMIT.multipliedBy(2);
    await().atMost(PATIENCE).until(() -> fanOut.problem(limit).isPresent());
    assertThat(fanOut.problem(limit).orElseThrow())
        .startsWith("samband-fan-out-1 has made no progress for ");
    released.countDown();
    await().atMost(PATIENCE).until(() -> fanOut.problem(limit).isEmpty());
    hangs.awaitOffset(1);
  }

  @Test
  void anIdleWorkerIsNoProblemHoweverLongNothingHappens() {
    long until = System.nanoTime() + 2 * Ticks.LIMIT.toNanos();
    await().atMost(PATIENCE).until(() -> System.nanoTime() - until > 0);
    assertThat(fanOut.problem(Ticks.LIMIT.multipliedBy(2))).isEmpty();
  }

  @Test
  void connectionsOfAWorkerThatHangsAreLeftOutAfterALimitedWait() throws InterruptedException {
    Stream hangs = subscribe();
    hangs.awaitOffset(0);
    hangs.output().duringNextWrite(this::block);
    log.append(10, "a");
    blocked.await();
    assertThat(fanOut.connections()).isEmpty();
    assertThat(fanOut.stats()).isEmpty();
  }

  @Test
  void connectionsShowWhereEachStreamStands() {
    Stream stream = subscribe();
    log.append(10, "a", "a");
    stream.awaitOffset(2);
    await()
        .atMost(PATIENCE)
        .until(() -> "idle".equals(fanOut.connections().get(0).state()));
    ConnectionInfo info = fanOut.connections().get(0);
    assertThat(info.id()).isEqualTo(1);
    assertThat(info.cursor()).isEqualTo(MemoryLog.EPOCH + "-2");
    assertThat(info.lag()).isZero();
    assertThat(info.address()).isEqualTo("192.0.2.1");
    assertThat(info.lastWriteAt()).isGreaterThanOrEqualTo(info.connectedAt());
  }

  @Test
  void aStreamWhoseClientDoesNotReadIsBehindAndTheFurthestComesFirst() {
    Stream reads = subscribe();
    Stream one = subscribe();
    one.awaitOffset(0);
    one.output().takeWrites(1);
    log.append(10, "a");
    one.awaitOffset(1);
    Stream two = subscribe();
    two.awaitOffset(1);
    two.output().takeWrites(1);
    log.append(10, "a");
    two.awaitOffset(2);
    log.append(10, "a");
    reads.awaitOffset(3);
    assertThat(fanOut.behind(10)).extracting(ConnectionInfo::id).containsExactly(2L, 3L);
    assertThat(fanOut.behind(1)).extracting(ConnectionInfo::state).containsExactly("blocked");
    assertThat(fanOut.behind(1)).extracting(ConnectionInfo::lag).containsExactly(2L);
  }

  @Test
  void whenTheLogIsRewoundAllStreamsEndWithoutAnotherFrameAndNothingOldIsDelivered() {
    Stream passed = subscribe();
    log.append(10, "a", "b", "c", "d");
    passed.awaitOffset(4);
    int frames = passed.received().size();
    LogState before = log.state();
    log.rewind(2, "0f0f0f0f");
    log.append(20, "x", "y", "z");
    assertThat(passed.output().isClosed()).isTrue();
    assertThat(passed.received()).hasSize(frames);
    await().atMost(PATIENCE).until(() -> fanOut.ended(EndReason.REWOUND) == 1);

    Stream back = subscribe();
    back.awaitOffset(5);
    assertThat(back.received().stream().skip(1).map(Engine.Received::data))
        .map(data -> data.substring(0, 11))
        .containsExactly(
            "{\"type\":\"a\"",
            "{\"type\":\"b\"",
            "{\"type\":\"x\"",
            "{\"type\":\"y\"",
            "{\"type\":\"z\"");
    Stream late = subscribe(
        Engine.subscriber(++numbers, before, MemoryLog.EPOCH + "-4", EventFilter.ALL), before);
    await().atMost(PATIENCE).until(() -> late.output().isClosed());
  }

  @Test
  void whatAnotherNodeHasWrittenInPlaceOfLostEventsIsDeliveredAndNotWhatWasThereBefore() {
    log.append(10, "a", "b", "c", "d");
    // As many as before, so that the next one would continue what this node has in memory.
    log.rewind(2, "0f0f0f0f", "x", "y");
    log.append(10, "z");
    Stream back = subscribe();
    back.awaitOffset(5);
    assertThat(back.received().stream().skip(1).map(Engine.Received::data))
        .map(data -> data.substring(0, 11))
        .containsExactly(
            "{\"type\":\"a\"",
            "{\"type\":\"b\"",
            "{\"type\":\"x\"",
            "{\"type\":\"y\"",
            "{\"type\":\"z\"");
  }

  @Test
  void aStreamThatIsHeldGetsNoEventAndIsToldToComeBackWhenTheLogHasAnswered() {
    log.health(LogHealth.Status.STALE, 4_000);
    log.append(10, "a", "b");
    EventId id = new EventId("0badc0de", 2);
    Subscriber subscriber =
        Engine.subscriber(++numbers, log.state(), MemoryLog.EPOCH + "-2", EventFilter.ALL);
    subscriber.holdAt(id);
    Stream held = subscribe(subscriber, log.state());
    held.awaitOffset(2);
    log.append(10, "c");
    long until = System.nanoTime() + 2 * Ticks.LIMIT.toNanos() + 3_000_000_000L;
    await().atMost(PATIENCE).until(() -> System.nanoTime() - until > 0);
    assertThat(held.received()).hasSize(1);
    assertThat(held.output().isClosed()).isFalse();
    assertThat(fanOut.connections().get(0).cursor()).isEqualTo("0badc0de-2");

    log.health(LogHealth.Status.OK, 0);
    await().atMost(PATIENCE).until(() -> held.output().isClosed());
    assertThat(held.output().text())
        .contains("id: 0badc0de-2\nevent: drain\ndata: {\"reason\":\"lifetime\"");
    assertThat(held.received()).hasSize(2);
  }
}
