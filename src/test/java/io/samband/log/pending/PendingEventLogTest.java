package io.samband.log.pending;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.samband.event.Audience;
import io.samband.event.EventId;
import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.log.Entry;
import io.samband.log.EventFilter;
import io.samband.log.EventLog;
import io.samband.log.FakeDisk;
import io.samband.log.Gap;
import io.samband.log.IdempotencyConflictException;
import io.samband.log.IdempotencyKey;
import io.samband.log.LogHealth;
import io.samband.log.LogUnavailableException;
import io.samband.log.Page;
import io.samband.log.Reset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The log's promises while its disk works, fails, hangs, forgets and comes back. */
@Timeout(120)
class PendingEventLogTest {
  private final FakeDisk disk = new FakeDisk();
  private EventLog log = disk.open(1_000_000, 10_000);

  @AfterEach
  void close() {
    disk.hang(false);
    disk.full(false);
    log.close();
  }

  private void reopen(long retainEvents, int pendingEvents) {
    log.close();
    log = disk.open(retainEvents, pendingEvents);
  }

  // Promise 4: back-pressure.

  @Test
  void aLogThatWorksLosesNothingHoweverSmallItsBoundAndItsPatience() throws Exception {
    log.close();
    log = disk.open(1_000_000, 1, 1);
    ids(log.append(events(50)));
    List<PublishOutcome> outcomes = new CopyOnWriteArrayList<>();
    List<Thread> publishers = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      publishers.add(new Thread(() -> {
        for (int n = 0; n < 200; n++) {
          outcomes.add(log.append(events(1)).toCompletableFuture().join());
        }
      }));
    }
    publishers.forEach(Thread::start);
    for (Thread publisher : publishers) {
      publisher.join();
    }

    assertThat(outcomes).hasSize(6_400).hasOnlyElementsOfType(PublishOutcome.Durable.class);
    assertThat(log.state().newest()).isEqualTo(6_450);
    assertThat(log.state().oldest()).isEqualTo(1);
    assertThat(log.health().lost()).isZero();
  }

  @Test
  void aTransactionLargerThanTheBoundIsPublishedAmongOthers() throws Exception {
    log.close();
    // One batch of this size is no progress for as long as it takes.
    log = disk.open(1_000_000, 100, 60_000);
    List<Thread> others = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      others.add(new Thread(() -> {
        for (int n = 0; n < 100; n++) {
          log.append(events(1)).toCompletableFuture().join();
        }
      }));
    }
    others.forEach(Thread::start);
    List<EventId> ids = ids(log.append(events(10_000)));
    for (Thread other : others) {
      other.join();
    }

    assertThat(ids.get(9_999).offset() - ids.get(0).offset()).isEqualTo(9_999);
    assertThat(log.state().newest()).isEqualTo(10_800);
    assertThat(log.health().lost()).isZero();
  }

  @Test
  void anInterruptedPublisherWaitsForRoomAndKeepsItsFlag() throws Exception {
    log.close();
    log = disk.open(1_000_000, 1, 60_000);
    disk.hang(true);
    var first = log.append(events(1));
    var outcome = new AtomicReference<CompletionStage<PublishOutcome>>();
    var flag = new AtomicReference<Boolean>();
    Thread publisher = new Thread(() -> {
      Thread.currentThread().interrupt();
      outcome.set(log.append(events(1)));
      flag.set(Thread.currentThread().isInterrupted());
    });
    publisher.start();
    await().until(() -> publisher.getState() == Thread.State.WAITING);
    publisher.interrupt();
    disk.hang(false);
    publisher.join();

    assertThat(ids(first)).hasSize(1);
    assertThat(ids(outcome.get())).hasSize(1);
    assertThat(flag.get()).isTrue();
  }

  @Test
  void anOrderlyCloseStoresWhatWaitsAndWhoeverStandsInLine() throws Exception {
    log.close();
    log = disk.open(1_000_000, 1, 60_000);
    disk.hang(true);
    List<PublishOutcome> outcomes = new CopyOnWriteArrayList<>();
    List<Thread> publishers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      publishers.add(new Thread(
          () -> outcomes.add(log.append(events(1)).toCompletableFuture().join())));
    }
    publishers.forEach(Thread::start);
    await()
        .until(() ->
            publishers.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING));
    Thread closing = new Thread(log::close);
    closing.start();
    await().until(() -> log.health().problem() != null);
    disk.hang(false);
    closing.join();
    for (Thread publisher : publishers) {
      publisher.join();
    }

    assertThat(outcomes).hasSize(10).hasOnlyElementsOfType(PublishOutcome.Durable.class);
    assertThat(outcome(log.append(events(1)))).isInstanceOf(PublishOutcome.Lost.class);
    assertThat(outcome(log.appendNow(event("a"), null))).isInstanceOf(PublishOutcome.Refused.class);
    assertThat(log.health().isOk()).isFalse();
    assertThatThrownBy(() -> log.read(0, EventFilter.ALL, 10, 1 << 20))
        .isInstanceOf(LogUnavailableException.class);
  }

  // Failing.

  @Test
  void aFailureThatIsShortIsNoFailureToAnybody() throws Exception {
    log.close();
    log = disk.open(1_000_000, 10, 60_000);
    disk.failAppends(3);
    var http = log.appendNow(event("http"), null);

    assertThat(ids(http)).hasSize(1);
    assertThat(log.health().isOk()).isTrue();
  }

  @Test
  void whileTheDiskIsFullHttpIsRefusedAndModulesWaitInOrder() throws Exception {
    ids(log.append(events(1)));
    disk.full(true);
    var waiting = log.append(List.of(event("waits_1")));
    await().until(() -> !log.health().isOk());
    var more = log.append(List.of(event("waits_2"), event("waits_3")));

    assertThat(outcome(log.appendNow(event("http"), null)))
        .isInstanceOf(PublishOutcome.Refused.class);
    LogHealth health = log.health();
    assertThat(health.pending()).isEqualTo(3);
    assertThat(health.status()).isEqualTo(LogHealth.Status.FAILING);
    assertThat(health.problem()).contains("no space left");
    assertThat(health.statusJson()).startsWith("{\"log\":\"failing\",\"sinceMillis\":");
    assertThat(outcome(waiting)).isInstanceOf(PublishOutcome.Waiting.class);
    assertThat(outcome(more)).isInstanceOf(PublishOutcome.Waiting.class);

    disk.full(false);
    await().until(() -> log.health().isOk() && log.health().pending() == 0);
    assertThat(types()).containsExactly("a", "waits_1", "waits_2", "waits_3");
    assertThat(log.health()).isEqualTo(new LogHealth(LogHealth.Status.OK, 0, null, 0, 0, 0, 0));
  }

  @Test
  void whatOverflowsWhileTheLogFailsIsAGapAndNothingElseIsLost() throws Exception {
    reopen(1_000_000, 3);
    ids(log.append(events(2)));
    disk.full(true);
    List<PublishOutcome> outcomes = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      outcomes.add(outcome(log.append(List.of(event("e" + i)))));
    }
    assertThat(outcomes.subList(0, 3)).hasOnlyElementsOfType(PublishOutcome.Waiting.class);
    assertThat(outcomes.subList(3, 5)).hasOnlyElementsOfType(PublishOutcome.Lost.class);
    assertThat(log.health().lost()).isEqualTo(2);
    disk.full(false);
    await().until(() -> log.health().isOk() && log.health().pending() == 0);
    ids(log.append(List.of(event("after"))));

    assertThat(log.state().oldest()).isEqualTo(1);
    assertThat(log.state().gaps()).containsExactly(new Gap(6, 7));
    assertThat(types()).containsExactly("a", "a", "e0", "e1", "e2", "lost 2", "after");
  }

  @Test
  void aPageEndsBeforeAGapAndTheNextOneBeginsWithTheReset() throws Exception {
    whatOverflowsWhileTheLogFailsIsAGapAndNothingElseIsLost();

    Page before = log.read(4, EventFilter.ALL, 100, 1 << 20);
    assertThat(before.through()).isEqualTo(5);
    assertThat(before.more()).isTrue();
    assertThat(before.reset()).isNull();
    Page after = log.read(5, EventFilter.ALL, 100, 1 << 20);
    assertThat(after.reset())
        .isEqualTo(new Reset(Reset.Reason.LOST, 2L, log.state().idAt(7)));
    assertThat(after.events()).extracting(event -> event.offset()).containsExactly(8L);
  }

  // Hanging.

  @Test
  void aDiskThatHangsIsSeenWhileNobodyPublishesAndEveryoneGetsTheirOutcome() throws Exception {
    reopen(1_000_000, 2);
    disk.hang(true);
    var inStore = log.appendNow(event("in_store"), key("k", "body"));
    await().until(() -> disk.appends() == 1);
    var waiting = log.append(List.of(event("waits")));
    var line = new AtomicReference<PublishOutcome>();
    Thread inLine = new Thread(
        () -> line.set(log.appendNow(event("line"), null).toCompletableFuture().join()));
    inLine.start();

    await().until(() -> log.health().status() == LogHealth.Status.FAILING);
    assertThat(log.health().problem()).contains("not answered");
    assertThat(outcome(inStore)).isInstanceOf(PublishOutcome.Unknown.class);
    assertThat(outcome(waiting)).isInstanceOf(PublishOutcome.Waiting.class);
    inLine.join();
    assertThat(line.get()).isInstanceOf(PublishOutcome.Refused.class);

    disk.hang(false);
    await().until(() -> log.health().isOk() && log.health().pending() == 0);
    assertThat(types()).containsExactly("in_store", "waits");
    assertThat(id(log.appendNow(event("in_store"), key("k", "body"))).offset())
        .as("what was unknown is answered when it is repeated")
        .isEqualTo(1);
  }

  @Test
  void aLogWhoseDiskHangsIsClosedInABoundedTime() throws Exception {
    disk.hang(true);
    var waiting = log.append(events(1));
    await().until(() -> !log.health().isOk());
    Thread closing = new Thread(log::close);
    closing.start();
    closing.join(30_000);

    assertThat(closing.isAlive()).isFalse();
    assertThat(outcome(waiting)).isInstanceOf(PublishOutcome.Waiting.class);
    assertThat(outcome(log.append(events(1)))).isNotInstanceOf(PublishOutcome.Durable.class);
  }

  @Test
  void readersOfADiskThatHangsAreToldSoAndLaterAtOnce() throws Exception {
    ids(log.append(events(3)));
    disk.hang(true);
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      readers.add(new Thread(() -> assertThatThrownBy(() -> read(0))
          .isInstanceOf(LogUnavailableException.class)
          .hasMessageContaining("no answer within")));
    }
    readers.forEach(Thread::start);
    for (Thread reader : readers) {
      reader.join();
    }
    assertThatThrownBy(() -> read(0)).hasMessageContaining("does not answer");

    disk.hang(false);
    // The threads that were stuck need a moment to come back.
    await()
        .ignoreExceptionsInstanceOf(LogUnavailableException.class)
        .untilAsserted(() -> assertThat(read(0).events()).hasSize(3));
  }

  // Stored and told are two steps.

  @Test
  void anErrorAfterTheCommitStoresNothingTwice() throws Exception {
    for (Error error : List.of(
        new OutOfMemoryError("meant"),
        new StackOverflowError(),
        new NoClassDefFoundError("meant"))) {
      List<Long> seen = Collections.synchronizedList(new ArrayList<>());
      long before = log.state().newest();
      log.follow((events, newest) -> events.forEach(event -> seen.add(event.offset())));
      disk.throwAfterAppend(error);

      assertThat(ids(log.append(events(3)))).hasSize(3);
      assertThat(ids(log.appendNow(event("a"), null).toCompletableFuture())).hasSize(1);
      assertThat(log.state().newest()).isEqualTo(before + 4);
      assertThat(seen).containsExactly(before + 1, before + 2, before + 3, before + 4);
    }
  }

  @Test
  void anAppendThatFailedAfterItWasStoredIsNotStoredAgain() throws Exception {
    disk.failAfterAppends(1);
    assertThat(ids(log.append(events(3)))).extracting(EventId::offset).containsExactly(1L, 2L, 3L);
    assertThat(ids(log.append(events(1)))).extracting(EventId::offset).containsExactly(4L);
  }

  @Test
  void aFollowerOrPublisherThatFailsDoesNotHarmTheLog() throws Exception {
    log.follow((events, newest) -> {
      if (!events.isEmpty()) {
        throw new AssertionError("meant");
      }
    });
    var unused = log.append(events(1)).thenRun(() -> {
      throw new OutOfMemoryError("meant");
    });
    assertThat(ids(log.append(events(2)))).hasSize(2);
    assertThat(ids(log.append(events(1)))).extracting(EventId::offset).containsExactly(4L);
    assertThat(log.health().isOk()).isTrue();
  }

  @Test
  void aBatchOfEntriesIsRefusedWholeWhileTheLogFailsAndDoesNotWaitInMemory() throws Exception {
    disk.full(true);
    List<Entry> entries = List.of(keyed("a", "k1"), keyed("b", "k2"));
    assertThat(outcome(log.appendNow(entries))).isInstanceOf(PublishOutcome.Unknown.class);
    List<Entry> more = List.of(keyed("c", "k3"), keyed("d", "k4"));
    assertThat(outcome(log.appendNow(more))).isInstanceOf(PublishOutcome.Refused.class);
    assertThat(log.health().pending())
        .as("what the engine was given, and no more")
        .isEqualTo(2);
    disk.full(false);
    await().until(() -> log.health().isOk());

    assertThat(ids(log.appendNow(entries))).extracting(EventId::offset).containsExactly(1L, 2L);
    assertThat(ids(log.appendNow(more))).extracting(EventId::offset).containsExactly(3L, 4L);
    assertThat(log.health().lost()).isZero();
  }

  private static Entry keyed(String type, String key) {
    return new Entry(type, Audience.EVERYBODY, event(type).json(), key(key, type));
  }

  // Keys, lost tails, trimming, damage.

  @Test
  void repeatsThatWaitForTheSameCommitAreOneEvent() throws Exception {
    List<CompletionStage<PublishOutcome>> repeats = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      repeats.add(log.appendNow(event("a"), key("same", "body")));
    }
    for (var repeat : repeats) {
      assertThat(id(repeat).offset()).isEqualTo(1);
    }
    assertThat(log.state().newest()).isEqualTo(1);
  }

  @Test
  void theSameKeyWithAnotherBodyIsRefused() throws Exception {
    id(log.appendNow(event("a"), key("k", "body")));

    assertThatThrownBy(() -> outcome(log.appendNow(event("a"), key("k", "other"))))
        .cause()
        .isInstanceOf(IdempotencyConflictException.class)
        // Not the key: that of a client with an identity is not what it has sent.
        .hasMessage("this Idempotency-Key was used with another body; use a new key");
    assertThat(log.state().newest()).isEqualTo(1);
  }

  @Test
  void offsetsThatTheDiskForgotAreNeverGivenToOtherEvents() throws Exception {
    ids(log.append(events(10)));
    String cursor = log.newestId().toString();
    disk.forgetNewest(4);
    disk.failAppends(1);
    assertThat(ids(log.append(List.of(event("next")))))
        .extracting(EventId::offset)
        .containsExactly(11L);

    // A cursor at the end cannot be told apart from one of a log that had other events there.
    assertThat(log.state().replay(cursor).reset().reason()).isEqualTo(Reset.Reason.AHEAD);
    assertThat(types()).containsExactly("a", "a", "a", "a", "a", "a", "lost 4", "next");
  }

  @Test
  void eventsThatCannotBeReadAreAGap() throws Exception {
    ids(log.append(events(20)));
    disk.damage(4, 6);
    disk.damage(19, 20);

    List<String> types = types();
    assertThat(types).hasSize(17).containsOnlyOnce("lost 3", "lost 2");
    assertThat(log.state().gaps()).containsExactly(new Gap(4, 6), new Gap(19, 20));
  }

  @Test
  void whatIsTrimmedIsAnnouncedAndTheRestIsRead() throws Exception {
    reopen(5, 100);
    for (int i = 0; i < 20; i++) {
      ids(log.append(events(1)));
    }
    await().until(() -> log.state().oldest() == 16);

    Page page = read(0);
    assertThat(page.reset())
        .isEqualTo(new Reset(Reset.Reason.TRIMMED, 15L, log.state().idAt(15)));
    assertThat(page.events().get(0).offset()).isEqualTo(16);
  }

  private Page read(long after) {
    return log.read(after, EventFilter.ALL, 1_000, 1 << 20);
  }

  private List<String> types() {
    List<String> types = new ArrayList<>();
    long at = log.state().oldest() - 1;
    while (true) {
      Page page = read(at);
      if (page.reset() != null) {
        types.add(page.reset().reason().name().toLowerCase(java.util.Locale.ROOT)
            + ' '
            + page.reset().missed());
      }
      page.events().forEach(event -> types.add(event.type()));
      at = page.through();
      if (!page.more()) {
        return types;
      }
    }
  }

  private static ConditionFactory await() {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5));
  }

  private static List<SSEEvent> events(int count) {
    return Collections.nCopies(count, event("a"));
  }

  private static SSEEvent event(String type) {
    return SSEEvent.of(type, null);
  }

  private static IdempotencyKey key(String value, String body) {
    return IdempotencyKey.of(value, body.getBytes(StandardCharsets.UTF_8));
  }

  private static List<EventId> ids(CompletionStage<PublishOutcome> append)
      throws InterruptedException, ExecutionException {
    return ((PublishOutcome.Durable) outcome(append)).ids();
  }

  private static EventId id(CompletionStage<PublishOutcome> append)
      throws InterruptedException, ExecutionException {
    return ids(append).get(0);
  }

  private static PublishOutcome outcome(CompletionStage<PublishOutcome> append)
      throws InterruptedException, ExecutionException {
    return append.toCompletableFuture().orTimeout(60, SECONDS).get();
  }
}
