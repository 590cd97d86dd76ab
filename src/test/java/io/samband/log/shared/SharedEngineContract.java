package io.samband.log.shared;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.samband.event.EventId;
import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.log.EventFilter;
import io.samband.log.Gap;
import io.samband.log.IdempotencyKey;
import io.samband.log.LogEngine;
import io.samband.log.LogHealth;
import io.samband.log.LogState;
import io.samband.log.LogUnavailableException;
import io.samband.log.Replay;
import io.samband.log.Reset;
import io.samband.log.Retention;
import io.samband.log.SharedLogFigures;
import io.samband.log.pending.PendingEventLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every store that several nodes share must do, together with {@link SharedEngine}. Each store has a subclass. */
public abstract class SharedEngineContract {
  private final List<Node> nodes = new ArrayList<>();

  /** A store on the log of this test, which is empty at first; another call is another node's store on the same log. */
  protected abstract SharedStore newStore();

  /** Restarts the server as a crash does. Connections break, and nothing that was acknowledged is lost. */
  protected abstract void restartStorage();

  /** Has the server lose all that came after an offset, as a failover to a copy does that was behind. Connections break. */
  protected abstract void loseTail(long newest);

  /** Copies what the server has on its disk. */
  protected abstract void backUp();

  /** Kills the server, and starts it with the copy of {@link #backUp}. */
  protected abstract void restoreBackUp();

  private Node node() {
    return node(1_000_000);
  }

  private Node node(long retainEvents) {
    Node node = new Node(newStore(), retainEvents);
    nodes.add(node);
    return node.opened();
  }

  @AfterEach
  void closeNodes() {
    nodes.forEach(Node::close);
  }

  private static String[] numbered(String type, int count) {
    return LongStream.rangeClosed(1, count).mapToObj(i -> type + i).toArray(String[]::new);
  }

  @Test
  void openingsOfTheSameServerJoinItsEpochAndARestartedOneBeginsAnother() {
    Node one = node();
    Node other = node();
    assertThat(other.state().epoch()).isEqualTo(one.state().epoch());
    one.append("a");
    assertThat(one.reopen().epoch()).isEqualTo(other.state().epoch());

    String before = one.state().epoch();
    restartStorage();
    LogState reopened = reopened(one);
    assertThat(reopened.epoch()).isNotEqualTo(before);
    assertThat(reopened(other).epoch()).isEqualTo(reopened.epoch());
    assertThat(reopened.newest()).isEqualTo(1);
    assertThat(reopened.replay(before + "-1").kind()).isEqualTo(Replay.Kind.COMPLETE);
    assertThat(other.append("b")).containsExactly(new EventId(reopened.epoch(), 2));
  }

  /** As the thread that appends does: until it succeeds. */
  private static LogState reopened(Node node) {
    LogState[] state = new LogState[1];
    await().atMost(Node.LIMIT).ignoreExceptions().until(() -> {
      state[0] = node.reopen();
      return true;
    });
    return state[0];
  }

  @Test
  void whatAllNodesAppendAtOnceIsToldOnEachOfThemOnceInTheSameOrder() throws Exception {
    List<Node> three = List.of(node(), node(), node());
    int batches = 150;
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    for (Node node : three) {
      String type = "n" + three.indexOf(node) + "_";
      Thread thread = new Thread(() -> {
        for (int i = 1; i <= batches; i++) {
          List<EventId> ids = node.append(type + i, type + i + "b");
          if (ids.get(1).offset() != ids.get(0).offset() + 1) {
            failures.add(new AssertionError(ids.toString()));
          }
        }
      });
      thread.setUncaughtExceptionHandler((unused, failure) -> failures.add(failure));
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
    long all = 3L * 2 * batches;
    for (Node node : three) {
      await().atMost(Node.LIMIT).until(() -> node.told.size() >= all);
      assertThat(node.told).isEqualTo(three.get(0).told);
    }
    assertThat(three.get(0).told.stream().map(each -> each.split(":", 2)[0]))
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, all).mapToObj(Long::toString).toList());
    Set<String> types = new TreeSet<>();
    three.get(0).told.forEach(each -> types.add(each.split(":", 2)[1]));
    assertThat(types).hasSize((int) all);
    assertThat(types(three.get(1), all)).isEqualTo(told(three.get(1)));
  }

  private static List<String> told(Node node) {
    return node.told.stream().map(each -> each.split(":", 2)[1]).toList();
  }

  private static List<String> types(Node node, long through) {
    List<String> types = new ArrayList<>();
    long at = 0;
    while (at < through) {
      var scan = node.engine.read(at, through, EventFilter.ALL, 1_000, 1 << 20);
      assertThat(scan.through()).isGreaterThan(at);
      scan.events().forEach(event -> types.add(event.type()));
      at = scan.through();
    }
    return types;
  }

  @Test
  void aNodeThatOpensALogWithEventsIsToldOfThoseThatComeAfterThem() {
    node().append("a", "b");
    Node late = node();
    assertThat(late.state().newest()).isEqualTo(2);
    nodes.get(0).append("c");
    late.awaitNewest(3);
    assertThat(late.told).containsExactly("3:c");
    assertThat(types(late, 3)).containsExactly("a", "b", "c");
  }

  @Test
  void theSameKeyOnTwoNodesAtOnceIsOneEvent() {
    Node one = node();
    Node other = node();
    for (int i = 1; i <= 30; i++) {
      IdempotencyKey key = IdempotencyKey.of("k" + i, "x".getBytes(UTF_8));
      var first = CompletableFuture.supplyAsync(
          () -> one.engine.append(one.batch(0, Node.entry("a", key))));
      var second = CompletableFuture.supplyAsync(
          () -> other.engine.append(other.batch(0, Node.entry("b", key))));
      assertThat(first.join()).isEqualTo(second.join());
      assertThat(first.join().get(0).offset()).isEqualTo(i);
    }
    IdempotencyKey otherBody = IdempotencyKey.of("k1", "y".getBytes(UTF_8));
    assertThat(other.engine.append(other.batch(0, Node.entry("a", otherBody))))
        .containsExactly(EventId.UNKNOWN);
    one.awaitNewest(30);
    other.awaitNewest(30);
    // Whoever came second is told what is stored, not what it had sent.
    assertThat(one.told).isEqualTo(other.told).hasSize(30);
  }

  @Test
  void aRepeatOfTheEventJustBeforeIsNotToldAsThisNodeHadSentIt() {
    Node one = node();
    Node other = node();
    other.store.blindTail(true);
    IdempotencyKey key = IdempotencyKey.of("k", "x".getBytes(UTF_8));
    one.engine.append(one.batch(0, Node.entry("stored", key)));
    assertThat(
            other.engine.append(other.batch(0, Node.entry("sent", key), Node.entry("new", null))))
        .extracting(EventId::offset)
        .containsExactly(1L, 2L);
    other.awaitNewest(2);
    assertThat(other.told).containsExactly("1:stored", "2:new");
  }

  @Test
  void anAppendThatNamesAnotherEpochStoresNothing() {
    Node one = node();
    one.append("a");
    SharedStore store = newStore();
    try {
      store.open(0);
      assertThatThrownBy(() -> store.append(
              "0badc0de", new LogEngine.Batch("x", 1, 2, List.of(Node.entry("b", null)))))
          .isInstanceOf(FencedException.class);
      assertThat(store.head(one.state()).newest()).isEqualTo(1);
      assertThat(store.head(one.state()).gaps()).isEmpty();
    } finally {
      store.close();
    }
  }

  @Test
  void aNodeThatDoesNotKnowOfANewEpochAppendsInIt() {
    Node one = node();
    Node other = node();
    one.append("a");
    other.awaitNewest(1);
    other.store.blindTail(true);
    // A node that knows more than there is begins a new epoch.
    LogState fork = one.engine.open(3, one);
    assertThat(other.state().epoch()).isNotEqualTo(fork.epoch());
    assertThat(other.append("b")).containsExactly(new EventId(fork.epoch(), 4));
    assertThat(other.state().gaps()).containsExactly(new Gap(2, 3));
    assertThat(other.told).containsExactly("1:a", "4:b");
  }

  @Test
  void pagesAreNotReadInAnEpochThatThisNodeDoesNotKnow() {
    Node one = node();
    one.append("a");
    SharedStore store = newStore();
    try {
      LogState before = store.open(0);
      one.engine.open(3, one);
      one.append("b");
      assertThatThrownBy(() -> store.read(0, 1, EventFilter.ALL, 10, 1_000, before.epochs()))
          .isInstanceOf(FencedException.class);
      var epochs = store.head(before).epochs();
      assertThat(store.read(0, 1, EventFilter.ALL, 10, 1_000, epochs).events()).hasSize(1);
    } finally {
      store.close();
    }
  }

  @Test
  void aLostTailThatANodeKnowsIsAGapAndNumberingGoesOnAboveIt() {
    Node one = node();
    one.appendEach(numbered("a", 5));
    String before = one.state().epoch();
    Node other = node();
    loseTail(3);
    LogState state = reopened(one);

    assertThat(state.gaps()).containsExactly(new Gap(4, 5));
    assertThat(one.append("b")).containsExactly(new EventId(state.epoch(), 6));
    assertThat(state.replay(before + "-5").kind()).isEqualTo(Replay.Kind.COMPLETE);
    assertThat(state.replay(before + "-3").reset())
        .isEqualTo(new Reset(Reset.Reason.LOST, 2L, state.idAt(5)));
    reopened(other);
    other.awaitNewest(6);
    assertThat(other.told).containsExactly("6:b");
    assertThat(one.told).endsWith("5:a5", "6:b").noneMatch(each -> each.startsWith("rewound"));
  }

  @Test
  void aLostTailOnWhichAnotherNodeHasBuiltIsNotShownUnderTheOldOffsets() {
    Node one = node();
    one.appendEach(numbered("a", 5));
    String before = one.state().epoch();
    one.store.cut = true;
    loseTail(3);
    Node other = node();
    assertThat(other.append("b", "c", "d", "e"))
        .extracting(EventId::offset)
        .containsExactly(4L, 5L, 6L, 7L);
    one.told.clear();
    one.store.cut = false;
    LogState state = reopened(one);

    assertThat(one.told).containsExactly("rewound 7, state 5", "rewound 7, state 7");
    assertThat(state.epoch()).isEqualTo(other.state().epoch());
    assertThat(state.replay(before + "-5").reset().reason()).isEqualTo(Reset.Reason.AHEAD);
    assertThat(state.replay(before + "-3").kind()).isEqualTo(Replay.Kind.COMPLETE);
    one.append("f");
    assertThat(one.told).endsWith("8:f");
  }

  @Test
  void aServerThatHasLostEverythingGoesOnAboveWhatANodeKnows() {
    Node one = node();
    one.appendEach(numbered("a", 5));
    String before = one.state().epoch();
    loseTail(0);
    LogState state = reopened(one);
    assertThat(one.append("b")).extracting(EventId::offset).containsExactly(6L);
    assertThat(state.replay(before + "-2").kind()).isEqualTo(Replay.Kind.INCOMPLETE);
  }

  @Test
  void aNodeThatRanWhileAnOldBackUpWasRestoredNumbersAboveWhatItKnows() {
    Node one = node();
    String first = one.state().epoch();
    String second = appendWithABackUpInBetween(one);
    restoreBackUp();
    String third = reopened(one).epoch();

    assertThat(one.append("c")).containsExactly(new EventId(third, 11));
    LogState state = one.state();
    assertThat(state.gaps()).containsExactly(new Gap(6, 10));
    assertThat(state.replay(first + "-5").reset())
        .isEqualTo(new Reset(Reset.Reason.LOST, 5L, state.idAt(10)));
    assertThat(state.replay(second + "-10").reset().reason()).isEqualTo(Reset.Reason.UNKNOWN_EPOCH);
    assertThat(one.told).endsWith("rewound 10, state 10", "rewound 10, state 10", "11:c");
    // Connections for reading come back by themselves, and need their time.
    await()
        .atMost(Node.LIMIT)
        .ignoreExceptionsInstanceOf(LogUnavailableException.class)
        .until(() -> types(one, 5), List.of("a1", "a2", "a3", "a4", "a5")::equals);
  }

  /** Events 1 to 5 are in the copy; 6 to 8 are of the same epoch, 9 and 10 of the one that is returned. */
  private String appendWithABackUpInBetween(Node node) {
    node.appendEach(numbered("a", 5));
    backUp();
    node.appendEach("b1", "b2", "b3");
    restartStorage();
    String second = reopened(node).epoch();
    node.appendEach("b4", "b5");
    return second;
  }

  @Test
  void whenAnOldBackUpWasRestoredWithAllNodesStoppedCursorsBeyondItGetAReset() {
    Node before = node();
    String first = before.state().epoch();
    String second = appendWithABackUpInBetween(before);
    before.close();
    restoreBackUp();
    Node after = node();

    assertThat(after.append("c")).containsExactly(new EventId(after.state().epoch(), 6));
    assertThat(after.state().epoch()).isNotIn(first, second);
    assertThat(after.state().replay(first + "-8").reset().reason()).isEqualTo(Reset.Reason.AHEAD);
    assertThat(after.state().replay(second + "-10").reset().reason())
        .isEqualTo(Reset.Reason.UNKNOWN_EPOCH);
    assertThat(after.state().replay(first + "-5").kind()).isEqualTo(Replay.Kind.COMPLETE);
  }

  @Test
  void whatIsNotToldToOtherNodesIsFoundAllTheSame() {
    Node one = node();
    Node other = node();
    one.store.deaf = true;
    other.store.deaf = true;
    one.append("a");
    other.awaitNewest(1);
    assertThat(other.told).containsExactly("1:a");
  }

  @Test
  void aBatchWhoseAnswerWasLostIsStoredOnceAndAcknowledged() throws Exception {
    Node witness = node();
    FaultyStore store = new FaultyStore(newStore());
    try (var log = pending(store)) {
      for (int i = 0; i < 5; i++) {
        store.swallowed.set(2);
        PublishOutcome outcome = log.append(List.of(SSEEvent.of("a", i), SSEEvent.of("b", i)))
            .toCompletableFuture()
            .get(60, TimeUnit.SECONDS);
        assertThat(((PublishOutcome.Durable) outcome).ids())
            .extracting(EventId::offset)
            .containsExactly(2L * i + 1, 2L * i + 2);
      }
      witness.awaitNewest(10);
      assertThat(witness.told).hasSize(10);
    }
  }

  private static PendingEventLog pending(FaultyStore store) {
    return new PendingEventLog(
        new SharedEngine(store, new Retention(1_000_000, 1L << 40, 1L << 40)),
        100,
        60_000,
        Duration.ofMillis(20));
  }

  @Test
  void anAppendSucceedsAlsoIfWhatOthersHaveAppendedBeforeItCannotBeRead() {
    Node one = node();
    Node other = node();
    other.store.blindTail(true);
    one.append("a");
    other.store.failedReads.set(1);
    assertThat(other.append("b")).extracting(EventId::offset).containsExactly(2L);
    assertThat(other.told).isEmpty();
    other.store.blindTail(false);
    other.awaitNewest(2);
    assertThat(other.told).containsExactly("1:a", "2:b");
  }

  @Test
  void aCursorOfANodeThatIsAheadIsNotCalledAheadBeforeTheServerWasAsked() {
    FaultyStore store = new FaultyStore(newStore());
    try (var log = pending(store)) {
      Node one = node();
      store.blindTail(true);
      EventId newest = one.append("a").get(0);
      assertThat(log.state().newest()).isZero();
      assertThat(log.replay(newest.toString()).kind()).isEqualTo(Replay.Kind.COMPLETE);

      LogState fork = one.engine.open(5, one);
      assertThat(log.replay(fork.newestId().toString()).kind()).isEqualTo(Replay.Kind.COMPLETE);
      assertThat(log.replay(fork.epoch() + "-9").reset().reason()).isEqualTo(Reset.Reason.AHEAD);
      assertThat(log.replay("0badc0de-1").reset().reason()).isEqualTo(Reset.Reason.UNKNOWN_EPOCH);

      store.cut = true;
      assertThatThrownBy(() -> log.replay("0badc0de-1"))
          .isInstanceOf(LogUnavailableException.class);
      assertThat(log.replay("garbage").reset().reason())
          .as("which no answer could change")
          .isEqualTo(Reset.Reason.UNKNOWN_EPOCH);
      assertThat(log.replay(log.newestId().toString()).kind()).isEqualTo(Replay.Kind.COMPLETE);
    }
  }

  @Test
  void aNodeThatIsCutOffIsStaleAndCatchesUp() {
    Node one = node();
    FaultyStore store = new FaultyStore(newStore());
    try (var log = pending(store)) {
      List<Long> told = Collections.synchronizedList(new ArrayList<>());
      log.follow((events, newest) -> events.forEach(event -> told.add(event.offset())));
      assertThat(log.health().status()).isEqualTo(LogHealth.Status.OK);
      store.cut = true;
      one.append("a", "b");
      assertThat(log.shared().orElseThrow().isStale()).isFalse();
      await().atMost(Node.LIMIT).until(() -> log.health().status() == LogHealth.Status.STALE);
      assertThat(log.shared().orElseThrow().isStale()).isTrue();
      assertThat(log.health().problem()).contains("has not answered");
      assertThat(log.health().sinceMillis()).isGreaterThan(3_000);
      assertThat(told).isEmpty();
      store.cut = false;
      await().atMost(Node.LIMIT).until(() -> log.health().isOk());
      assertThat(log.shared().orElseThrow().unconfirmedMillis()).isLessThan(3_001);
      await().atMost(Node.LIMIT).until(() -> told.size() >= 2);
      assertThat(told).containsExactly(1L, 2L);
    }
  }

  @Test
  void appendsThatAreRefusedOrRepeatedAreCountedAndSoAreEpochsAndReconnects() {
    Node one = node();
    Node other = node();
    assertThat(figures(other)).extracting(SharedLogFigures::epochs).isEqualTo(0L);
    assertThat(figures(other)).extracting(SharedLogFigures::reconnects).isEqualTo(0L);

    other.store.swallowed.set(1);
    LogEngine.Batch batch = other.batch(0, Node.entry("a", null));
    assertThatThrownBy(() -> other.engine.append(batch))
        .isInstanceOf(LogUnavailableException.class);
    assertThat(figures(other).repeats()).isZero();
    assertThat(other.engine.append(batch)).extracting(EventId::offset).containsExactly(1L);
    assertThat(figures(other).repeats()).isEqualTo(1);
    assertThat(figures(other).fenced()).isZero();

    other.store.blindTail(true);
    // A node that knows more than there is begins a new epoch.
    one.engine.open(3, one);
    assertThat(figures(one).epochs()).isEqualTo(1);
    assertThat(figures(one).reconnects()).isEqualTo(1);
    other.append("b");
    assertThat(figures(other).fenced()).isEqualTo(1);
    assertThat(figures(other).epochs()).isEqualTo(1);
    assertThat(figures(other).reconnects()).isEqualTo(1);
    assertThat(figures(one).fenced()).isZero();
  }

  private static SharedLogFigures figures(Node node) {
    return node.engine.shared().orElseThrow();
  }

  @Test
  void aNodeSaysHowManyEventsItKnowsOfAndHasNotPassedOn() {
    Node one = node();
    Node other = node();
    other.store.blindTail(true);
    one.append("a");
    other.store.failedReads.set(1);
    other.append("b");
    assertThat(figures(other).behind()).isEqualTo(2);
    await().atMost(Node.LIMIT).until(() -> figures(one).behind() == 0 && one.told.size() == 2);
    other.store.blindTail(false);
    await().atMost(Node.LIMIT).until(() -> figures(other).behind() == 0);
    assertThat(other.told).hasSize(2);
  }

  @Test
  void whatAnotherNodeHasTrimmedIsReadAsTrimmed() {
    Node one = node(3);
    Node other = node();
    one.appendEach(numbered("a", 8));
    other.awaitNewest(8);
    other.store.blindTail(true);
    one.engine.maintain(true);
    assertThat(one.state().oldest()).isEqualTo(6);
    assertThat(other.state().oldest()).isEqualTo(1);

    assertThat(other.engine.read(0, 8, EventFilter.ALL, 10, 1_000).through()).isZero();
    assertThat(other.state().oldest()).as("asked again").isEqualTo(6);
    assertThat(other.engine.read(5, 8, EventFilter.ALL, 10, 1_000).events()).hasSize(3);
  }

  @Test
  void trimmingThatHasNotRemovedAllGoesOnAfterTheNextAppendAndNotOnlyAtTheNextTick() {
    Node node = node(3);
    node.appendEach(numbered("a", 8));
    node.store.leavesSome = true;
    node.engine.maintain(false);
    assertThat(node.store.trims).as("no tick").hasValue(0);
    node.engine.maintain(true);
    assertThat(node.state().oldest()).isEqualTo(6);
    node.append("b");
    node.store.leavesSome = false;
    node.engine.maintain(false);
    assertThat(node.state().oldest()).isEqualTo(7);
    node.append("c");
    node.engine.maintain(false);
    assertThat(node.store.trims).as("all is removed").hasValue(2);
  }

  @Test
  void keysAreForgottenWithTheirEvents() {
    Node one = node(2);
    IdempotencyKey key = IdempotencyKey.of("k", "x".getBytes(UTF_8));
    one.engine.append(one.batch(0, Node.entry("a", key)));
    one.appendEach("b", "c");
    one.engine.maintain(true);
    assertThat(one.engine.append(one.batch(0, Node.entry("a", key))))
        .extracting(EventId::offset)
        .containsExactly(4L);
  }
}
