package io.samband.log;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.samband.event.Audience;
import io.samband.event.EventId;
import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.log.pending.PendingEventLog;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every engine must do. Each engine has a subclass. */
public abstract class LogEngineContract {
  private LogEngine engine;
  private final List<Long> told = Collections.synchronizedList(new ArrayList<>());
  private final List<Audience> toldAudiences = Collections.synchronizedList(new ArrayList<>());

  /** Names a process: another one for each engine. */
  private String node = "node-0";

  private int nodes;

  /** An engine on the storage of this test; another call gives another engine on the same storage. */
  protected abstract LogEngine newEngine(long retainEvents);

  /** Does to the storage what makes the next opening begin a new epoch. For engines that always do, nothing. */
  protected void restartStorage() {}

  /**
   * Whether a cursor at the newest event is still good if the storage has lost that event while this process has seen it. If
   * not, it is ahead.
   */
  protected boolean keepsCursorsAtALostTip() {
    return false;
  }

  @AfterEach
  void closeEngine() {
    if (engine != null) {
      engine.close();
    }
  }

  private LogState open(long known) {
    return open(known, 1_000_000);
  }

  private LogState open(long known, long retainEvents) {
    closeEngine();
    engine = newEngine(retainEvents);
    node = "node-" + ++nodes;
    return engine.open(known, this::advanced);
  }

  private void advanced(List<LoggedEvent> events, long newest) {
    events.forEach(event -> told.add(event.offset()));
    events.forEach(event -> toldAudiences.add(event.audience()));
  }

  private LogEngine.Batch batch(long number, int lost, Entry... entries) {
    return new LogEngine.Batch(node, number, lost, List.of(entries));
  }

  private static Entry entry(String type) {
    return entry(type, null);
  }

  private static Entry entry(String type, IdempotencyKey key) {
    return new Entry(
        type,
        Audience.EVERYBODY,
        ("{\"type\":\"" + type + "\"}").getBytes(StandardCharsets.UTF_8),
        key);
  }

  private static IdempotencyKey key(String value, String body) {
    return IdempotencyKey.of(value, body.getBytes(StandardCharsets.UTF_8));
  }

  private static List<Long> offsets(List<EventId> ids) {
    return ids.stream().map(EventId::offset).toList();
  }

  private List<String> types() {
    List<String> types = new ArrayList<>();
    LogState state = engine.state();
    long at = state.oldest() - 1;
    while (at < state.newest()) {
      Reset reset = state.resetFor(at);
      if (reset != null) {
        types.add("reset " + reset.toJson());
        at = reset.id().offset();
        continue;
      }
      LogEngine.Scan scan =
          engine.read(at, state.readableThrough(at), EventFilter.ALL, 1_000, 1 << 20);
      scan.events().forEach(event -> types.add(event.type()));
      assertThat(scan.through()).isGreaterThan(at);
      at = scan.through();
    }
    return types;
  }

  @Test
  void offsetsCountFromOneAndGoOnInANewEpochAfterARestart() {
    String first = open(0).epoch();
    assertThat(offsets(engine.append(batch(1, 0, entry("a"), entry("b"))))).containsExactly(1L, 2L);
    closeEngine();
    restartStorage();
    LogState again = open(0);

    assertThat(again.epoch()).isNotEqualTo(first);
    assertThat(again.newest()).isEqualTo(2);
    EventId next = engine.append(batch(1, 0, entry("c"))).get(0);
    assertThat(next).isEqualTo(new EventId(again.epoch(), 3));
    assertThat(engine.state().epochs().of(2)).isEqualTo(first);
    assertThat(types()).containsExactly("a", "b", "c");
  }

  @Test
  void aBatchThatComesAgainIsStoredOnceAndGetsTheSameIds() {
    open(0);
    List<EventId> ids = engine.append(batch(1, 2, entry("a"), entry("b", key("k", "x"))));
    assertThat(engine.append(batch(1, 2, entry("a"), entry("b", key("k", "x")))))
        .isEqualTo(ids);
    engine.open(engine.state().newest(), this::advanced);
    assertThat(engine.append(batch(1, 2, entry("a"), entry("b", key("k", "x")))))
        .isEqualTo(ids);

    assertThat(engine.state().newest()).isEqualTo(4);
    assertThat(told).as("followers are told once").containsExactly(3L, 4L);
  }

  @Test
  void aKeyGetsTheFirstIdAlsoWithinABatchAndAfterARestart() {
    open(0);
    EventId first = engine.append(batch(1, 0, entry("a", key("k", "x")))).get(0);
    assertThat(engine.append(
            batch(2, 0, entry("a", key("k", "x")), entry("b"), entry("a", key("k", "y")))))
        .containsExactly(first, new EventId(first.epoch(), 2), EventId.UNKNOWN);
    open(0);
    assertThat(engine.append(batch(1, 0, entry("a", key("k", "x"))))).containsExactly(first);
    assertThat(engine.state().newest()).isEqualTo(2);
  }

  @Test
  void lostEventsAreAGapThatSurvivesARestartAndTakesNothingElseAway() {
    open(0);
    engine.append(batch(1, 0, entry("a"), entry("b")));
    engine.append(batch(2, 3, entry("c")));
    engine.append(batch(3, 2));

    assertThat(engine.state().gaps()).containsExactly(new Gap(3, 5), new Gap(7, 8));
    List<String> expected = List.of(
        "a",
        "b",
        "reset {\"reason\":\"lost\",\"missed\":3}",
        "c",
        "reset {\"reason\":\"lost\",\"missed\":2}");
    assertThat(types()).isEqualTo(expected);
    assertThat(open(0).newest()).isEqualTo(8);
    assertThat(types()).isEqualTo(expected);
  }

  @Test
  void offsetsThatWereSeenAndAreMissingAfterAReopeningBecomeAGap() {
    open(0);
    String first = engine.append(batch(1, 0, entry("a"))).get(0).epoch();
    LogState reopened = engine.open(4, this::advanced);

    assertThat(reopened.newest()).isEqualTo(4);
    assertThat(reopened.gaps()).containsExactly(new Gap(2, 4));
    if (keepsCursorsAtALostTip()) {
      assertThat(reopened.replay(first + "-4").kind()).isEqualTo(Replay.Kind.COMPLETE);
      assertThat(reopened.replay(first + "-3").reset().reason()).isEqualTo(Reset.Reason.LOST);
    } else {
      assertThat(reopened.replay(first + "-4").reset().reason()).isEqualTo(Reset.Reason.AHEAD);
    }
    assertThat(offsets(engine.append(batch(2, 0, entry("b"))))).containsExactly(5L);
    assertThat(open(0).gaps()).containsExactly(new Gap(2, 4));
  }

  @Test
  void trimmingRemovesOldEventsAndTheGapsAmongThem() {
    open(0, 5);
    engine.append(batch(1, 0, entry("a")));
    engine.append(batch(2, 3, entry("b")));
    for (int number = 3; number < 8; number++) {
      engine.append(batch(number, 0, entry("c" + number)));
    }
    engine.maintain(true);

    assertThat(engine.state().oldest()).isEqualTo(6);
    assertThat(engine.state().gaps()).isEmpty();
    assertThat(types()).containsExactly("c3", "c4", "c5", "c6", "c7");
    assertThat(open(0, 5).oldest()).isEqualTo(6);
  }

  @Test
  void anEventKeepsItsAudienceAndIsReadOnlyByThoseWhoAreInIt() {
    open(0);
    engine.append(batch(
        1,
        0,
        entry("a"),
        addressed("a", Audience.of("station:B12", "user:kari")),
        addressed("b", Audience.of("user:kari")),
        addressed("a", Audience.of("station:B1"))));
    for (int opening = 0; opening < 2; opening++) {
      assertThat(engine.read(0, 4, EventFilter.ALL, 10, 1 << 20).events())
          .extracting(LoggedEvent::audience)
          .containsExactly(
              Audience.EVERYBODY,
              Audience.of("station:B12", "user:kari"),
              Audience.of("user:kari"),
              Audience.of("station:B1"));
      assertThat(seenBy(EventFilter.ALL, "user:kari")).containsExactly(1L, 2L, 3L);
      assertThat(seenBy(EventFilter.ALL, "station:B12", "role:leader")).containsExactly(1L, 2L);
      assertThat(seenBy(EventFilter.ALL)).containsExactly(1L);
      assertThat(seenBy(EventFilter.parse(List.of("b")), "user:kari")).containsExactly(3L);
      open(0);
    }
    assertThat(toldAudiences).hasSize(4).contains(Audience.of("station:B12", "user:kari"));
  }

  private static Entry addressed(String type, Audience audience) {
    return new Entry(type, audience, entry(type).json(), null);
  }

  private List<Long> seenBy(EventFilter filter, String... attributes) {
    LogEngine.Scan scan = engine.read(0, 4, filter.seenBy(Set.of(attributes)), 10, 1 << 20);
    assertThat(scan.through()).as("past what is hidden").isEqualTo(4);
    return scan.events().stream().map(LoggedEvent::offset).toList();
  }

  @Test
  void whatIsClosedSaysSo() {
    open(0);
    engine.append(batch(1, 0, entry("a")));
    engine.close();

    assertThatThrownBy(() -> engine.append(batch(2, 0, entry("b"))))
        .isInstanceOf(LogUnavailableException.class);
    assertThatThrownBy(() -> engine.read(0, 1, EventFilter.ALL, 10, 100))
        .isInstanceOf(LogUnavailableException.class);
  }

  @Test
  void aBatchOfOnePublisherStaysTogetherAmongOthers() throws Exception {
    try (var log = new PendingEventLog(newEngine(1_000_000), 50, 20_000, Duration.ofMillis(3))) {
      List<Thread> publishers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Thread publisher = new Thread(() -> {
          for (int n = 0; n < 200; n++) {
            var unused = log.append(List.of(SSEEvent.of("other", null)));
          }
        });
        publisher.start();
        publishers.add(publisher);
      }
      List<SSEEvent> five = Collections.nCopies(5, SSEEvent.of("five", null));
      for (int i = 0; i < 100; i++) {
        List<Long> offsets = offsets(ids(log.append(five)));
        assertThat(offsets.get(4) - offsets.get(0)).isEqualTo(4);
      }
      for (Thread publisher : publishers) {
        publisher.join();
      }
      ids(log.append(five));
      assertThat(log.state().newest()).isEqualTo(4 * 200 + 101 * 5);
    }
  }

  /** As the outbox repeats what it does not know to be stored, also after the end of the process. */
  @Test
  void entriesThatComeAgainGetTheirFirstIdsAndAConflictConcernsItsEntryAlone() throws Exception {
    List<EventId> first;
    try (var log = new PendingEventLog(newEngine(1_000_000), 50, 20_000, Duration.ofMillis(3))) {
      first = ids(log.appendNow(List.of(entry("a", key("k1", "x")), entry("b", key("k2", "x")))));
      assertThat(offsets(first)).containsExactly(1L, 2L);
    }
    try (var log = new PendingEventLog(newEngine(1_000_000), 50, 20_000, Duration.ofMillis(3))) {
      List<EventId> again = ids(log.appendNow(List.of(
          entry("a", key("k1", "x")),
          entry("b", key("k2", "x")),
          entry("c", key("k3", "x")),
          entry("d", key("k1", "y")),
          entry("e", key("k4", "x")))));
      assertThat(again.subList(0, 2)).isEqualTo(first);
      assertThat(again.get(3)).isEqualTo(EventId.UNKNOWN);
      assertThat(List.of(again.get(2).offset(), again.get(4).offset())).containsExactly(3L, 4L);
      assertThat(log.read(0, EventFilter.ALL, 10, 1 << 20).events())
          .extracting(LoggedEvent::type)
          .containsExactly("a", "b", "c", "e");
    }
  }

  private static List<EventId> ids(CompletionStage<PublishOutcome> append)
      throws InterruptedException, ExecutionException {
    return ((PublishOutcome.Durable)
            append.toCompletableFuture().orTimeout(60, SECONDS).get())
        .ids();
  }
}
