package io.samband.log;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.samband.event.EventId;
import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The log's promises while its disk works, fails, forgets and comes back. */
class EmbeddedEventLogTest {
  private final FakeDisk disk = new FakeDisk();
  private EmbeddedEventLog log = disk.open();

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void offsetsCountFromOneWithoutAGapAndGoOnAfterARestart() throws Exception {
    assertThat(ids(log.append(events(3)))).extracting(EventId::offset).containsExactly(1L, 2L, 3L);
    String firstEpoch = log.state().epoch();
    log.close();
    log = disk.open();

    assertThat(ids(log.append(events(2)))).extracting(EventId::offset).containsExactly(4L, 5L);
    assertThat(log.state().epoch()).isNotEqualTo(firstEpoch);
  }

  @Test
  void aBatchStaysTogetherWhoeverElsePublishes() throws Exception {
    List<Thread> publishers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread publisher = new Thread(() -> {
        for (int n = 0; n < 200; n++) {
          var unused = log.append(List.of(event("other")));
        }
      });
      publisher.start();
      publishers.add(publisher);
    }
    for (int i = 0; i < 100; i++) {
      List<Long> offsets =
          ids(log.append(events(5))).stream().map(EventId::offset).toList();
      assertThat(offsets.get(4) - offsets.get(0)).isEqualTo(4);
    }
    for (Thread publisher : publishers) {
      publisher.join();
    }
    assertThat(log.state().newest()).isEqualTo(4 * 200 + 100 * 5);
  }

  @Test
  void aRepeatedKeyGetsTheFirstIdAlsoAfterARestart() throws Exception {
    EventId first = id(log.appendNow(event("a"), key("k", "body")));
    assertThat(id(log.appendNow(event("a"), key("k", "body")))).isEqualTo(first);
    log.close();
    log = disk.open();

    assertThat(id(log.appendNow(event("a"), key("k", "body")))).isEqualTo(first);
    assertThat(log.state().newest()).isEqualTo(1);
  }

  @Test
  void repeatsThatWaitForTheSameCommitAreOneEvent() throws Exception {
    List<CompletionStage<PublishOutcome>> repeats = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      repeats.add(log.appendNow(event("a"), key("same", "body")));
    }
    List<EventId> ids = new ArrayList<>();
    for (var repeat : repeats) {
      ids.add(id(repeat));
    }
    assertThat(ids).containsOnly(ids.get(0));
    assertThat(log.state().newest()).isEqualTo(1);
  }

  @Test
  void theSameKeyWithAnotherBodyIsRefused() throws Exception {
    id(log.appendNow(event("a"), key("k", "body")));

    assertThatThrownBy(() -> outcome(log.appendNow(event("a"), key("k", "other"))))
        .hasCauseInstanceOf(IdempotencyConflictException.class);
    assertThat(log.state().newest()).isEqualTo(1);
  }

  @Test
  void whileTheDiskIsFullHttpIsRefusedAndModulesWaitInOrder() throws Exception {
    ids(log.append(events(1)));
    disk.full(true);
    var waiting = log.append(List.of(event("waits_1")));
    await().until(() -> !log.health().isOk());
    var more = log.append(List.of(event("waits_2"), event("waits_3")));

    assertThatThrownBy(() -> id(log.appendNow(event("http"), null)))
        .isNotInstanceOf(PublishOutcome.Durable.class);
    assertThat(log.health().pending()).isEqualTo(3);
    assertThat(log.health().problem()).contains("no space left");
    assertThat(waiting.toCompletableFuture())
        .isCompletedWithValueMatching(o -> !(o instanceof PublishOutcome.Durable));

    disk.full(false);
    await().atMost(10, SECONDS).until(() -> log.health().pending() == 0);
    assertThat(more.toCompletableFuture())
        .isCompletedWithValueMatching(o -> !(o instanceof PublishOutcome.Durable));
    assertThat(types()).containsExactly("a", "waits_1", "waits_2", "waits_3");
    assertThat(log.health()).isEqualTo(new LogHealth(LogHealth.Status.OK, 0, null, 0, 0, 0));
  }

  @Test
  void whatOverflowsGetsOffsetsAndIsAnnouncedAsLost() throws Exception {
    log.close();
    log = disk.open(1_000_000, 3);
    ids(log.append(events(2)));
    String cursor = log.newestId().toString();
    disk.full(true);
    for (int i = 0; i < 5; i++) {
      var unused = log.append(List.of(event("e" + i)));
    }
    await().until(() -> !log.health().isOk());
    assertThat(log.health().lost()).isEqualTo(2);
    disk.full(false);
    await().atMost(10, SECONDS).until(() -> log.health().isOk() && log.health().pending() == 0);
    ids(log.append(List.of(event("after"))));

    // 2 stored, 3 that waited, 2 lost, 1 after
    assertThat(log.state().newest()).isEqualTo(8);
    assertThat(log.state().oldest()).as("what is durable stays").isEqualTo(1);
    assertThat(log.state().replay(cursor).reset()).isNull();
    Reset reset = log.state().resetFor(5);
    assertThat(reset.reason()).isEqualTo(Reset.Reason.LOST);
    assertThat(reset.missed()).isEqualTo(2);
    assertThat(types()).containsExactly("a", "a", "e0", "e1", "e2", "after");
  }

  @Test
  void aLossWhoseAnswerFailedIsCountedOnce() throws Exception {
    log.close();
    log = disk.open(1_000_000, 1);
    disk.full(true);
    for (int i = 0; i < 4; i++) {
      var unused = log.append(List.of(event("e" + i)));
    }
    await().until(() -> log.health().lost() == 3);
    // The one that waited is stored; then the loss is stored, but the answer fails.
    disk.full(false);
    disk.failAfterAppends(2);
    await().atMost(20, SECONDS).until(() -> log.health().isOk() && log.health().pending() == 0);
    ids(log.append(List.of(event("after"))));

    assertThat(log.state().newest()).isEqualTo(5);
  }

  @Test
  void anAppendThatFailedAfterItWasStoredIsNotStoredAgain() throws Exception {
    List<Long> seen = Collections.synchronizedList(new ArrayList<>());
    log.follow((events, newest) -> events.forEach(event -> seen.add(event.offset())));
    disk.failAfterAppends(1);
    var append = log.append(events(3));
    await().until(() -> disk.appends() == 1 && log.state().newest() == 3);
    ids(log.append(events(1)));

    assertThat(append.toCompletableFuture())
        .isCompletedWithValueMatching(o -> !(o instanceof PublishOutcome.Durable));
    assertThat(seen).containsExactly(1L, 2L, 3L, 4L);
    assertThat(log.state().newest()).isEqualTo(4);
  }

  @Test
  void aKeyedPublicationThatFailedAfterItWasStoredIsAnsweredWithItsIdWhenRepeated()
      throws Exception {
    disk.failAfterAppends(1);
    assertThat(outcome(log.appendNow(event("a"), key("k", "body"))))
        .isNotInstanceOf(PublishOutcome.Durable.class);
    await().until(() -> log.health().isOk());

    assertThat(id(log.appendNow(event("a"), key("k", "body"))).offset()).isEqualTo(1);
    assertThat(log.state().newest()).isEqualTo(1);
  }

  @Test
  void offsetsThatTheDiskForgotAreNeverGivenToOtherEvents() throws Exception {
    ids(log.append(events(10)));
    String cursor = log.newestId().toString();
    String older = log.state().idAt(6).toString();
    disk.forgetNewest(4);
    disk.failAppends(1);
    var append = log.append(List.of(event("next")));
    await().until(() -> log.health().isOk() && log.state().newest() == 11);

    assertThat(append.toCompletableFuture())
        .isCompletedWithValueMatching(o -> !(o instanceof PublishOutcome.Durable));
    // Who had seen them all cannot be told apart from who knew the log with other events there.
    assertThat(log.state().replay(cursor).reset().reason()).isEqualTo(Reset.Reason.AHEAD);
    assertThat(log.state().replay(older).reset().reason()).isEqualTo(Reset.Reason.LOST);
    assertThat(log.state().resetFor(10)).isNull();
    assertThat(types()).containsExactly("a", "a", "a", "a", "a", "a", "next");
  }

  @Test
  void aFollowerThatFailsDoesNotHarmTheLog() throws Exception {
    log.follow((events, newest) -> {
      if (!events.isEmpty()) {
        throw new AssertionError("meant");
      }
    });
    assertThat(ids(log.append(events(2)))).hasSize(2);
    assertThat(ids(log.append(events(1)))).extracting(EventId::offset).containsExactly(3L);
    assertThat(log.health().isOk()).isTrue();
  }

  @Test
  void whatIsTrimmedIsAnnouncedAndTheRestIsRead() throws Exception {
    log.close();
    log = disk.open(5, 100);
    String start = log.state().idAt(0).toString();
    for (int i = 0; i < 20; i++) {
      ids(log.append(events(1)));
    }
    await().until(() -> log.state().oldest() > 1);

    Page page = log.read(0, EventFilter.ALL, 1_000, 1 << 20);
    assertThat(page.reset().reason()).isEqualTo(Reset.Reason.TRIMMED);
    assertThat(page.reset().missed()).isEqualTo(log.state().oldest() - 1);
    assertThat(page.events().get(0).offset()).isEqualTo(log.state().oldest());
    assertThat(log.state().replay(start).kind()).isEqualTo(Replay.Kind.INCOMPLETE);
  }

  @Test
  void closingStoresWhatWaitsAndRefusesWhatComesAfter() throws Exception {
    List<CompletionStage<PublishOutcome>> appends = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      appends.add(log.append(events(1)));
    }
    log.close();
    for (var append : appends) {
      assertThat(ids(append)).hasSize(1);
    }
    assertThat(outcome(log.append(events(1)))).isNotInstanceOf(PublishOutcome.Durable.class);
    assertThat(log.health().isOk()).isFalse();
    assertThatThrownBy(() -> log.read(0, EventFilter.ALL, 10, 1 << 20))
        .isInstanceOf(LogUnavailableException.class);
  }

  private List<String> types() {
    List<String> types = new ArrayList<>();
    long at = log.state().oldest() - 1;
    while (true) {
      Page page = log.read(at, EventFilter.ALL, 1_000, 1 << 20);
      page.events().forEach(event -> types.add(event.type()));
      at = page.through();
      if (!page.more()) {
        return types;
      }
    }
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

  private static PublishOutcome outcome(CompletionStage<PublishOutcome> append)
      throws InterruptedException, ExecutionException {
    return append.toCompletableFuture().orTimeout(10, SECONDS).get();
  }

  private static EventId id(CompletionStage<PublishOutcome> append)
      throws InterruptedException, ExecutionException {
    return ids(append).get(0);
  }
}
