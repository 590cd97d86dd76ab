package io.samband.log.redis;

import static io.samband.log.redis.Stores.addressed;
import static io.samband.log.redis.Stores.batch;
import static io.samband.log.redis.Stores.batchAfterLoss;
import static io.samband.log.redis.Stores.contents;
import static io.samband.log.redis.Stores.entry;
import static io.samband.log.redis.Stores.key;
import static io.samband.log.redis.Stores.keyed;
import static io.samband.log.redis.Stores.large;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.samband.event.Audience;
import io.samband.log.EventFilter;
import io.samband.log.Gap;
import io.samband.log.LogEngine.Scan;
import io.samband.log.LogOpenException;
import io.samband.log.LogState;
import io.samband.log.LogUnavailableException;
import io.samband.log.LoggedEvent;
import io.samband.log.Reset;
import io.samband.log.Retention;
import io.samband.log.shared.FencedException;
import io.samband.log.shared.SharedStore.Appended;
import io.samband.testing.RedisServer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** What the store does on a server that works. Each test has a log of its own there. */
class RedisStoreTest {
  private static final Retention ALL = new Retention(1L << 40, 1L << 40, 1L << 40);
  private static final AtomicInteger LOGS = new AtomicInteger();

  private static RedisServer server;

  private final String prefix = "log-" + LOGS.incrementAndGet();
  private final Stores stores = new Stores();

  @BeforeAll
  static void start() {
    server = RedisServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void closeStores() {
    stores.close();
  }

  private RedisStore store() {
    return stores.of(server, Map.of("samband.redis.key-prefix", prefix));
  }

  private Keys keys() {
    return new Keys(prefix);
  }

  @Test
  void nodesJoinTheEpochOfTheFirstAndNumberTogether() {
    RedisStore one = store();
    RedisStore other = store();
    LogState first = one.open(0);
    LogState second = other.open(0);

    assertThat(second).isEqualTo(first);
    assertThat(first.epochs().list()).hasSize(1);
    assertThat(one.append(first.epoch(), batch("a", 1, entry("x"), entry("y"))))
        .isEqualTo(new Appended(List.of(1L, 2L), 1, 2, false));
    assertThat(other.append(first.epoch(), batch("b", 1, entry("z"))))
        .isEqualTo(new Appended(List.of(3L), 3, 3, false));
    assertThat(contents(one, one.head(first))).containsExactly("1 x", "2 y", "3 z");
  }

  @Test
  void anOpeningThatIsRepeatedJoinsToo() {
    RedisStore store = store();
    String epoch = store.open(0).epoch();
    store.append(epoch, batch("a", 1, entry("x")));

    assertThat(store.open(1).epoch()).isEqualTo(epoch);
  }

  @Test
  void aBatchThatComesAgainGetsTheAnswerOfTheFirstTimeAlsoInALaterEpoch() {
    RedisStore store = store();
    RedisStore other = store();
    String epoch = store.open(0).epoch();
    other.open(0);
    var batch = batchAfterLoss("a", 1, 2, entry("x"), keyed("y", key("k", "1")));
    Appended first = store.append(epoch, batch);
    other.append(epoch, batch("b", 1, entry("z")));

    assertThat(first).isEqualTo(new Appended(List.of(3L, 4L), 1, 4, false));
    var repeated = new Appended(List.of(3L, 4L), 1, 4, true);
    assertThat(store.append(epoch, batch)).isEqualTo(repeated);
    other.open(9);
    assertThat(store.append(epoch, batch)).as("by its old epoch").isEqualTo(repeated);
    assertThat(contents(store, store.head(null)))
        .containsExactly("reset to 2", "3 x", "4 y", "5 z", "reset to 9");
  }

  @Test
  void anAppendInAnotherEpochThanTheNewestIsRefused() {
    RedisStore store = store();
    RedisStore other = store();
    LogState before = store.open(0);
    other.open(3);

    assertThatThrownBy(() -> store.append(before.epoch(), batch("a", 1, entry("x"))))
        .isInstanceOf(FencedException.class);
    LogState now = store.open(0);
    assertThat(store.append(now.epoch(), batch("a", 1, entry("x"))).offsets()).containsExactly(4L);
    assertThat(now.epochs().of(3)).isEqualTo(before.epoch());
    assertThat(now.epochs().of(4)).isEqualTo(now.epoch());
    assertThat(now.gaps()).containsExactly(new Gap(1, 3));
  }

  @Test
  void offsetsThatANodeKnowsAndTheServerDoesNotBecomeAGap() {
    RedisStore store = store();
    LogState before = store.open(0);
    store.append(before.epoch(), batch("a", 1, entry("x")));
    LogState after = store.open(4);

    assertThat(after.newest()).isEqualTo(4);
    assertThat(after.gaps()).containsExactly(new Gap(2, 4));
    assertThat(after.replay(before.epoch() + "-4").reset())
        .as("has seen it all")
        .isNull();
    assertThat(after.replay(before.epoch() + "-2").reset().reason()).isEqualTo(Reset.Reason.LOST);
    assertThat(after.replay(before.epoch() + "-5").reset().reason()).isEqualTo(Reset.Reason.AHEAD);
    assertThat(store.append(after.epoch(), batch("a", 2, entry("y"))).offsets())
        .containsExactly(5L);
    assertThat(contents(store, store.head(after))).containsExactly("1 x", "reset to 4", "5 y");
  }

  @Test
  void offsetsBeyondAHundredTrillionStayExact() {
    long far = 200_000_000_000_007L;
    RedisStore store = store();
    LogState state = store.open(far);
    var batch =
        batchAfterLoss("a", 1, 3, entry("x"), keyed("y", key("k", "1")), keyed("y", key("k", "1")));
    Appended appended = store.append(state.epoch(), batch);

    assertThat(appended)
        .isEqualTo(new Appended(List.of(far + 4, far + 5, far + 5), far + 1, far + 5, false));
    assertThat(store.append(state.epoch(), batch))
        .isEqualTo(new Appended(appended.offsets(), far + 1, far + 5, true));
    LogState head = store.head(state);
    assertThat(store.unacknowledged()).as("no replicas").isEmpty();
    assertThat(head.gaps()).containsExactly(new Gap(1, far + 3));
    store.trim(new Retention(1, 1L << 40, 1L << 40));
    // A gap is as long as it is; the next trims remove the rest of it.
    assertThat(contents(store, head))
        .containsExactly("reset to " + (far + 3), (far + 4) + " x", (far + 5) + " y");
    assertThat(store.open(far + 5).epochs().list().get(0).firstOffset()).isEqualTo(far + 1);
  }

  @Test
  void aKeyThatTwoNodesUseAtOnceIsOneEvent() throws Exception {
    RedisStore one = store();
    RedisStore other = store();
    String epoch = one.open(0).epoch();
    other.open(0);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int round = 1; round <= 50; round++) {
        int number = round;
        CountDownLatch both = new CountDownLatch(2);
        Future<Long> mine = threads.submit(() -> append(one, epoch, "a", number, both));
        Future<Long> yours = threads.submit(() -> append(other, epoch, "b", number, both));
        assertThat(mine.get()).isEqualTo(yours.get()).isEqualTo(number);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(one.append(epoch, batch("a", 51, keyed("x", key("key-7", "2")))))
        .as("another body")
        .isEqualTo(new Appended(List.of(0L), 51, 50, false));
    assertThat(one.head(null).newest()).isEqualTo(50);
  }

  private static long append(
      RedisStore store, String epoch, String node, int number, CountDownLatch both)
      throws InterruptedException {
    both.countDown();
    both.await();
    return store
        .append(epoch, batch(node, number, keyed("x", key("key-" + number, "1"))))
        .offsets()
        .get(0);
  }

  @Test
  void aKeyLivesAsLongAsItsEvent() {
    RedisStore store = store();
    String epoch = store.open(0).epoch();
    store.append(epoch, batch("a", 1, keyed("x", key("old", "1"))));
    store.append(epoch, batch("a", 2, keyed("y", key("new", "1"))));
    store.trim(new Retention(1, 1L << 40, 1L << 40));

    assertThat(store.append(epoch, batch("a", 3, keyed("y", key("new", "1")))).offsets())
        .containsExactly(2L);
    assertThat(store.append(epoch, batch("a", 4, keyed("x", key("old", "1")))).offsets())
        .containsExactly(3L);
    store.trim(new Retention(1, 1L << 40, 1L << 40));
    try (Jedis jedis = server.client()) {
      assertThat(jedis.hlen(keys().idempotency)).isEqualTo(1);
      assertThat(jedis.xlen(keys().idempotencyOrder)).isEqualTo(1);
      assertThat(jedis.pttl(keys().idempotency)).as("no time ends it").isEqualTo(-1);
    }
  }

  @Test
  void trimmingByNumberKeepsTheNewestAlsoWhenThereAreManyMoreThanOneStepRemoves() {
    RedisStore store = store();
    LogState state = store.open(0);
    for (int number = 1; number <= 7; number++) {
      store.append(state.epoch(), batch("a", number, many(1_000)));
    }
    await().atMost(60, SECONDS).until(() -> {
      store.trim(new Retention(10, 1L << 40, 1L << 40));
      return store.head(null).oldest() == 6_991;
    });
    assertThat(contents(store, store.head(state))).hasSize(10);
    store.trim(new Retention(10, 1L << 40, 1L << 40));
    assertThat(store.head(null).oldest()).as("no more than that").isEqualTo(6_991);
  }

  private static io.samband.log.Entry[] many(int count) {
    return IntStream.range(0, count).mapToObj(i -> entry("x")).toArray(io.samband.log.Entry[]::new);
  }

  @Test
  void trimmingByBytesKeepsTheNewestEventHoweverLarge() {
    RedisStore store = store();
    LogState state = store.open(0);
    store.append(state.epoch(), batch("a", 1, large("x", 1_000), large("y", 1_000)));
    store.trim(new Retention(1L << 40, 1L << 40, 1_500));
    assertThat(contents(store, store.head(state))).containsExactly("1 x", "2 y");
    store.append(state.epoch(), batch("a", 2, large("z", 5_000)));
    store.trim(new Retention(1L << 40, 1L << 40, 1_500));
    assertThat(contents(store, store.head(state))).containsExactly("3 z");
  }

  @Test
  void trimmingByAgeGoesByTheServersClockAndTakesGapsWithTheEventAfterThem() {
    RedisStore store = store();
    LogState state = store.open(0);
    store.append(state.epoch(), batch("a", 1, entry("x")));
    store.append(state.epoch(), batchAfterLoss("a", 2, 2, entry("y")));
    store.append(state.epoch(), batchAfterLoss("a", 3, 3));
    store.trim(ALL);
    assertThat(store.head(null).oldest()).isEqualTo(1);
    // As after a day: events grow old by the time that the server has written into them.
    try (Jedis jedis = server.client()) {
      long now = Long.parseLong(jedis.time().get(0)) * 1_000;
      jedis.hset(
          keys().meta, "at".getBytes(UTF_8), Long.toString(now + 86_400_000).getBytes(UTF_8));
    }
    store.trim(new Retention(1L << 40, 86_300_000, 1L << 40));

    LogState head = store.head(null);
    assertThat(head.oldest()).isEqualTo(5);
    assertThat(head.gaps()).containsExactly(new Gap(5, 7));
    store.append(state.epoch(), batch("a", 4, entry("z")));
    try (Jedis jedis = server.client()) {
      String range = jedis.xrevrange(new String(keys().log, UTF_8), "+", "-", 1).toString();
      assertThat(range).as("a clock that was set back makes nothing older").contains("z");
      long at = Long.parseLong(jedis
          .xrevrange(new String(keys().log, UTF_8), "+", "-", 1)
          .get(0)
          .getFields()
          .get("a"));
      assertThat(at).isGreaterThan(System.currentTimeMillis() + 80_000_000);
    }
  }

  @Test
  void audiencesStayWithTheirEventsAndOneThatCannotBeReadIsForNobody() {
    RedisStore store = store();
    LogState state = store.open(0);
    Audience kari = Audience.of("user:kari", "role:leader");
    store.append(
        state.epoch(),
        batch("a", 1, entry("x"), addressed("y", kari), addressed("z", Audience.NOBODY)));
    LogState head = store.head(state);

    Scan all = store.read(0, 3, EventFilter.ALL, 10, 1 << 20, head.epochs());
    assertThat(all.events())
        .extracting(LoggedEvent::audience)
        .containsExactly(Audience.EVERYBODY, kari);
    assertThat(all.through()).isEqualTo(3);
    Scan seen =
        store.read(0, 3, EventFilter.ALL.seenBy(Set.of("user:ola")), 10, 1 << 20, head.epochs());
    assertThat(seen.events()).extracting(LoggedEvent::offset).containsExactly(1L);
    assertThat(seen.through()).isEqualTo(3);
  }

  @Test
  void pagesEndAtTheirBoundsAndGoOnWhereTheyEnded() {
    RedisStore store = store();
    LogState state = store.open(0);
    for (int number = 1; number <= 3; number++) {
      store.append(state.epoch(), batch("a", number, many(1_000)));
    }
    store.append(state.epoch(), batch("a", 4, large("y", 70_000), large("y", 70_000), entry("z")));
    LogState head = store.head(state);

    assertThat(
            store.read(0, 3_003, EventFilter.ALL, 700, 1 << 20, head.epochs()).events())
        .hasSize(700);
    assertThat(store.read(0, 55, EventFilter.ALL, 700, 1 << 20, head.epochs()).through())
        .isEqualTo(55);
    assertThat(
            store.read(0, 3_003, EventFilter.ALL, 5_000, 1_000, head.epochs()).through())
        .as("83 events of 12 bytes")
        .isEqualTo(83);
    Scan scarce = store.read(0, 3_003, EventFilter.parse(List.of("z")), 10, 1 << 20, head.epochs());
    assertThat(scarce.events()).extracting(LoggedEvent::offset).containsExactly(3_003L);
    Scan large = store.read(3_000, 3_003, EventFilter.ALL, 10, 100_000, head.epochs());
    assertThat(large.events()).extracting(LoggedEvent::offset).containsExactly(3_001L);
    assertThat(contents(store, head)).hasSize(3_003).endsWith("3001 y", "3002 y", "3003 z");
  }

  @Test
  void aReaderThatTrimmingHasOvertakenGetsNothingFromBehindTheHole() {
    RedisStore store = store();
    LogState state = store.open(0);
    store.append(state.epoch(), batch("a", 1, many(20)));
    LogState before = store.head(state);
    store.trim(new Retention(5, 1L << 40, 1L << 40));

    Scan scan = store.read(0, 20, EventFilter.ALL, 100, 1 << 20, before.epochs());
    assertThat(scan.events()).isEmpty();
    assertThat(scan.through()).isZero();
  }

  @Test
  void aReaderThatDoesNotKnowTheNewestEpochIsRefused() {
    RedisStore store = store();
    RedisStore other = store();
    LogState before = store.open(0);
    store.append(before.epoch(), batch("a", 1, entry("x")));
    other.open(3);

    assertThatThrownBy(() -> store.read(0, 1, EventFilter.ALL, 10, 1 << 20, before.epochs()))
        .isInstanceOf(FencedException.class);
    assertThat(contents(store, store.head(before))).containsExactly("1 x", "reset to 3");
  }

  @Test
  void theHeadIsTheSameObjectUntilSomethingChanges() {
    RedisStore store = store();
    RedisStore other = store();
    LogState opened = store.open(0);
    other.open(0);
    assertThat(store.head(opened)).isSameAs(opened);
    other.append(opened.epoch(), batch("b", 1, entry("x")));
    LogState grown = store.head(opened);
    assertThat(grown).isEqualTo(opened.appended(1));
    other.append(opened.epoch(), batchAfterLoss("b", 2, 1));
    assertThat(store.head(grown).gaps()).containsExactly(new Gap(2, 2));
  }

  @Test
  void aScriptThatTheServerHasForgottenIsSentAgain() {
    RedisStore store = store();
    LogState state = store.open(0);
    store.append(state.epoch(), batch("a", 1, entry("x"), entry("y")));
    forgetScripts();
    store.append(state.epoch(), batch("a", 2, entry("z")));
    forgetScripts();
    assertThat(store.head(state).newest()).isEqualTo(3);
    forgetScripts();
    store.trim(new Retention(1, 1L << 40, 1L << 40));
    assertThat(store.head(state).oldest()).isEqualTo(3);
    forgetScripts();
    assertThat(store.open(3).newest()).isEqualTo(3);
  }

  private static void forgetScripts() {
    try (Jedis jedis = server.client()) {
      jedis.scriptFlush();
    }
  }

  @Test
  void aLogThatIsGoneIsMadeAgainAboveWhatTheNodeKnows() {
    RedisStore store = store();
    LogState before = store.open(0);
    store.append(before.epoch(), batch("a", 1, entry("x"), entry("y")));
    removeLog(true);

    assertThatThrownBy(() -> store.append(before.epoch(), batch("a", 2, entry("z"))))
        .isInstanceOf(FencedException.class);
    assertThatThrownBy(() -> store.head(before)).isInstanceOf(FencedException.class);
    assertThatThrownBy(() -> store.trim(ALL)).isInstanceOf(FencedException.class);
    assertThatThrownBy(() -> store.read(0, 2, EventFilter.ALL, 10, 100, before.epochs()))
        .isInstanceOf(FencedException.class);
    LogState after = store.open(2);
    assertThat(after.replay(before.epoch() + "-2").reset().reason())
        .isEqualTo(Reset.Reason.UNKNOWN_EPOCH);
    assertThat(store.append(after.epoch(), batch("a", 2, entry("z"))).offsets())
        .containsExactly(3L);
    assertThat(contents(store, store.head(after))).containsExactly("reset to 2", "3 z");
  }

  @Test
  void aLogOfWhichAPartIsGoneIsRefused() {
    RedisStore store = store();
    LogState before = store.open(0);
    store.append(before.epoch(), batch("a", 1, entry("x")));
    removeLog(false);

    assertThatThrownBy(() -> store.open(1))
        .isInstanceOf(LogOpenException.class)
        .hasMessageContaining("{" + prefix + "}:*");
  }

  private void removeLog(boolean whole) {
    try (Jedis jedis = server.client()) {
      jedis.del(keys().meta);
      if (whole) {
        jedis.keys("{" + prefix + "}:*").forEach(jedis::del);
      }
    }
  }

  @Test
  void aLogOfAnotherFormatIsRefusedAndNotTouched() {
    RedisStore store = store();
    store.open(0);
    Map<String, String> changed;
    try (Jedis jedis = server.client()) {
      jedis.hset(new String(keys().meta, UTF_8), "format", "2");
      changed = jedis.hgetAll(new String(keys().meta, UTF_8));
    }
    assertThatThrownBy(() -> store.open(5))
        .isInstanceOf(LogOpenException.class)
        .hasMessageContaining("format 2");
    try (Jedis jedis = server.client()) {
      assertThat(jedis.hgetAll(new String(keys().meta, UTF_8))).isEqualTo(changed);
    }
  }

  @Test
  void anAppendOfAnotherNodeEndsTheWaitAndOneOfItsOwnDoesNot() throws Exception {
    RedisStore store = store();
    RedisStore other = store();
    String epoch = store.open(0).epoch();
    other.open(0);
    // The subscription is there, and has been told of.
    await().atMost(60, SECONDS).until(() -> {
      try (Jedis jedis = server.client()) {
        return jedis.pubsubNumSub(keys().channel).get(keys().channel) == 2;
      }
    });
    store.awaitGrowth(200);

    assertThat(store.head(null).newest()).isZero();
    await().atMost(60, SECONDS).until(() -> Stores.listens(store, other, store.head(null)));
    CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> store.awaitGrowth(4_000));
    store.append(epoch, batch("a", 1, entry("x")));
    assertThatThrownBy(() -> waiting.get(1, SECONDS)).isInstanceOf(TimeoutException.class);
    waiting.get(60, SECONDS);
  }

  @Test
  void theEndOfTheStoreEndsTheWait() throws Exception {
    RedisStore store = store();
    store.open(0);
    CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> {
      while (true) {
        store.awaitGrowth(600_000);
      }
    });
    store.close();
    assertThatThrownBy(() -> waiting.get(60, SECONDS))
        .hasCauseInstanceOf(LogUnavailableException.class);
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("samband-log-listener"));
  }

  @Test
  void threeNodesThatAppendAtOnceShareOneOrderWithoutHoles() throws Exception {
    int batches = 300;
    ExecutorService threads = Executors.newFixedThreadPool(3);
    List<Future<List<Long>>> nodes = new ArrayList<>();
    try {
      for (String node : List.of("a", "b", "c")) {
        RedisStore store = store();
        nodes.add(threads.submit(() -> {
          String epoch = store.open(0).epoch();
          List<Long> offsets = new ArrayList<>();
          for (int number = 1; number <= batches; number++) {
            offsets.addAll(store
                .append(epoch, batch(node, number, entry(node), entry(node)))
                .offsets());
          }
          return offsets;
        }));
      }
      Set<Long> all = new HashSet<>();
      for (Future<List<Long>> node : nodes) {
        List<Long> offsets = node.get();
        assertThat(offsets).isSorted().doesNotHaveDuplicates();
        all.addAll(offsets);
      }
      assertThat(all)
          .containsExactlyInAnyOrderElementsOf(
              LongStream.rangeClosed(1, 6L * batches).boxed().toList());
    } finally {
      threads.shutdownNow();
    }
  }
}
