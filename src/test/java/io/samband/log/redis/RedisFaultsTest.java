package io.samband.log.redis;

import static io.samband.log.redis.Stores.batch;
import static io.samband.log.redis.Stores.contents;
import static io.samband.log.redis.Stores.entry;
import static io.samband.log.redis.Stores.keyed;
import static io.samband.log.redis.Stores.large;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.samband.log.Gap;
import io.samband.log.LogEngine.Batch;
import io.samband.log.LogState;
import io.samband.log.LogUnavailableException;
import io.samband.log.Replay;
import io.samband.log.Reset;
import io.samband.log.Retention;
import io.samband.log.shared.FencedException;
import io.samband.log.shared.SharedStore.Appended;
import io.samband.log.shared.SharedStore.Trimmed;
import io.samband.testing.FullDisk;
import io.samband.testing.RedisServer;
import io.samband.testing.TcpProxy;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** What becomes of a log when its server fails. Each test has servers of its own. */
class RedisFaultsTest {
  private static final Map<String, String> ONE_REPLICA = Map.of("samband.redis.replicas", "1");

  private final List<AutoCloseable> open = new ArrayList<>();
  private final Stores stores = new Stores();

  private <T extends AutoCloseable> T closed(T resource) {
    open.add(0, resource);
    return resource;
  }

  @AfterEach
  void closeAll() throws Exception {
    stores.close();
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  /** As a node does: until it succeeds. */
  private static LogState reopened(RedisStore store, long known) {
    LogState[] state = new LogState[1];
    await().atMost(60, SECONDS).ignoreExceptions().until(() -> {
      state[0] = store.open(known);
      return true;
    });
    return state[0];
  }

  /** As a node does whose append fails: opens again and sends the same batch, until it has an answer. */
  private static Appended stored(RedisStore store, LogState known, Batch batch) {
    Appended[] answer = new Appended[1];
    String[] epoch = {known.epoch()};
    await().atMost(60, SECONDS).until(() -> {
      try {
        answer[0] = store.append(epoch[0], batch);
        return true;
      } catch (LogUnavailableException e) {
        epoch[0] = reopened(store, known.newest()).epoch();
        return false;
      }
    });
    return answer[0];
  }

  @Test
  void aServerThatIsKilledLosesNothingAndGoesOnInANewEpoch() {
    RedisServer server = closed(RedisServer.start());
    RedisStore store = stores.of(server, Map.of());
    LogState before = store.open(0);
    // While it is killed a batch is under way, and its outcome is unknown.
    long acknowledged = 0;
    CompletableFuture<Void> kill = CompletableFuture.runAsync(() -> {
      await().atMost(60, SECONDS).until(() -> store.head(before).newest() >= 50);
      server.kill();
    });
    Batch inFlight = null;
    for (int number = 1; inFlight == null; number++) {
      Batch batch = batch("a", number, entry("x" + number), entry("y" + number));
      try {
        acknowledged = store.append(before.epoch(), batch).newest();
      } catch (LogUnavailableException e) {
        inFlight = batch;
      }
    }
    kill.join();
    server.restart();
    LogState after = reopened(store, acknowledged);
    Appended answer = store.append(after.epoch(), inFlight);

    assertThat(after.epoch()).isNotEqualTo(before.epoch());
    assertThat(after.gaps()).isEmpty();
    assertThat(answer.newest()).isEqualTo(acknowledged + 2);
    List<String> expected = new ArrayList<>();
    for (long number = 1; number <= inFlight.number(); number++) {
      expected.add((number * 2 - 1) + " x" + number);
      expected.add(number * 2 + " y" + number);
    }
    LogState head = store.head(after);
    assertThat(contents(store, head)).isEqualTo(expected);
    assertThat(head.replay(before.epoch() + "-" + acknowledged).kind())
        .as("no reset")
        .isEqualTo(Replay.Kind.COMPLETE);
  }

  @Test
  void aBatchWhoseAnswerIsSwallowedGetsItWhenItIsSentAgain() {
    RedisServer server = closed(RedisServer.start());
    TcpProxy proxy = closed(TcpProxy.to(URI.create("http://" + server.at())));
    RedisStore direct = stores.of(server, Map.of());
    LogState state = direct.open(0);
    RedisStore store = stores.of(
        Map.of("samband.redis.url", "redis://127.0.0.1:" + proxy.base().getPort()));
    store.open(0);
    store.append(state.epoch(), batch("a", 1, entry("w")));
    proxy.muteConnections();
    Batch batch = batch("a", 2, entry("x"), keyed("y", Stores.key("k", "1")));
    assertThatThrownBy(() -> store.append(state.epoch(), batch))
        .isInstanceOf(LogUnavailableException.class);
    assertThat(direct.head(state).newest()).as("it has happened").isEqualTo(3);

    direct.append(state.epoch(), batch("b", 1, entry("z")));
    assertThat(stored(store, state.appended(1), batch))
        .isEqualTo(new Appended(List.of(2L, 3L), 2, 3, true));
    assertThat(contents(direct, direct.head(state))).containsExactly("1 w", "2 x", "3 y", "4 z");
  }

  @Test
  void aFrozenServerIsAnErrorWithinALimitAndAfterwardsEverythingIsThereOnce() {
    RedisServer server = closed(RedisServer.start());
    RedisStore store = stores.of(server, Map.of());
    RedisStore other = stores.of(server, Map.of());
    LogState state = store.open(0);
    other.open(0);
    store.append(state.epoch(), batch("a", 1, entry("x")));
    server.freeze();
    Batch batch = batch("a", 2, entry("y"));
    assertThatThrownBy(() -> store.append(state.epoch(), batch))
        .isInstanceOf(LogUnavailableException.class);
    assertThatThrownBy(() -> store.open(1)).isInstanceOf(LogUnavailableException.class);
    assertThatThrownBy(() -> store.head(state)).isInstanceOf(LogUnavailableException.class);
    assertThatThrownBy(() -> contents(store, state.appended(1)))
        .isInstanceOf(LogUnavailableException.class);
    server.thaw();

    assertThat(stored(store, state.appended(1), batch).offsets()).containsExactly(2L);
    other.append(state.epoch(), batch("b", 1, entry("z")));
    assertThat(contents(store, store.head(state))).containsExactly("1 x", "2 y", "3 z");
    assertThat(store.head(state).epoch()).as("the same server").isEqualTo(state.epoch());
  }

  @Test
  void aFrozenListenerIsNoticedAndListensAgain() {
    RedisServer server = closed(RedisServer.start());
    TcpProxy proxy = closed(TcpProxy.to(URI.create("http://" + server.at())));
    RedisStore store = stores.of(
        Map.of("samband.redis.url", "redis://127.0.0.1:" + proxy.base().getPort()));
    RedisStore other = stores.of(server, Map.of());
    LogState state = store.open(0);
    other.open(0);
    awaitListeners(server, 2);
    proxy.muteConnections();
    // The connection is not closed, only silent. It is given up, and the next one works.
    await().atMost(60, SECONDS).until(() -> Stores.listens(store, other, state));
  }

  private static void awaitListeners(RedisServer server, int count) {
    String channel = new Keys("samband").channel;
    await().atMost(60, SECONDS).until(() -> {
      try (Jedis jedis = server.client()) {
        return jedis.pubsubNumSub(channel).get(channel) == count;
      }
    });
  }

  @Test
  void whatAFrozenReplicaHasNotGotIsNeitherAcknowledgedNorShownAndAfterwardsStoredOnce() {
    RedisServer primary = closed(RedisServer.start());
    RedisServer replica = closed(RedisServer.replicaOf(primary));
    RedisStore store = stores.of(primary, ONE_REPLICA);
    RedisStore reader = stores.of(primary, ONE_REPLICA);
    LogState state = store.open(0);
    reader.open(0);
    store.append(state.epoch(), batch("a", 1, entry("x")));
    replica.freeze();
    Batch batch = batch("a", 2, entry("y"));
    for (int attempt = 0; attempt < 2; attempt++) {
      assertThatThrownBy(() -> store.append(state.epoch(), batch))
          .isInstanceOf(LogUnavailableException.class)
          .hasMessageContaining("only 0 of 1 replicas");
      assertThat(reader.head(state).newest()).as("not shown").isEqualTo(1);
      assertThat(reader.unacknowledged()).hasValue(1);
    }
    assertThatThrownBy(() -> reader.open(1))
        .as("an opening makes safe what it finds, and cannot")
        .isInstanceOf(LogUnavailableException.class);
    assertThat(store.head(state).newest()).isEqualTo(1);
    replica.thaw();

    assertThat(stored(store, state.appended(1), batch))
        .isEqualTo(new Appended(List.of(2L), 2, 2, true));
    assertThat(store.head(state).newest()).isEqualTo(2);
    assertThat(store.unacknowledged()).hasValue(0);
    assertThat(contents(store, store.head(state))).containsExactly("1 x", "2 y");
  }

  @Test
  void aNewEpochIsNotShownBeforeTheReplicasHaveIt() {
    RedisServer primary = closed(RedisServer.start());
    RedisServer replica = closed(RedisServer.replicaOf(primary));
    RedisStore store = stores.of(primary, ONE_REPLICA);
    LogState state = store.open(0);
    RedisStore other = stores.of(primary, ONE_REPLICA);
    replica.freeze();
    assertThatThrownBy(() -> other.open(7)).isInstanceOf(LogUnavailableException.class);
    assertThat(store.head(state)).isEqualTo(state);
    replica.thaw();

    LogState opened = reopened(other, 7);
    assertThat(opened.epochs().list()).hasSize(2);
    assertThat(store.head(state)).isEqualTo(opened);
  }

  @Test
  void aNodeLearnsForHowManyReplicasTheOthersWait() {
    RedisServer primary = closed(RedisServer.start());
    closed(RedisServer.replicaOf(primary));
    RedisStore careful = stores.of(primary, ONE_REPLICA);
    careful.open(0);
    assertThat(careful.replicasBefore()).as("the first").isEqualTo(1);
    RedisStore careless = stores.of(primary, Map.of());
    careless.open(0);
    assertThat(careless.replicasBefore()).isEqualTo(1);
    careful.open(7);
    assertThat(careful.replicasBefore()).as("also in a new epoch").isZero();
    careful.open(7);
    assertThat(careful.replicasBefore()).isEqualTo(1);
  }

  @Test
  void aFailoverBySentinelLosesNothingThatAllReplicasHadAcknowledgedAndNobodyGetsAReset() {
    RedisServer primary = closed(RedisServer.start());
    RedisServer replica = closed(RedisServer.replicaOf(primary));
    RedisServer sentinel = closed(RedisServer.sentinelOf(primary));
    Map<String, String> settings = Map.of(
        "samband.redis.sentinels", sentinel.at().toString(),
        "samband.redis.master", "samband",
        "samband.redis.replicas", "1");
    RedisStore store = stores.of(settings);
    RedisStore other = stores.of(settings);
    LogState before = store.open(0);
    other.open(0);
    for (int number = 1; number <= 20; number++) {
      store.append(before.epoch(), batch("a", number, entry("x" + number)));
    }
    Batch frozen = batch("b", 1, entry("waited"));
    primary.kill();
    // The new primary needs a replica, too.
    await().atMost(60, SECONDS).ignoreExceptions().until(() -> {
      try (Jedis jedis = replica.client()) {
        return jedis.role().get(0).equals("master");
      }
    });
    primary.restart();
    LogState after = reopened(store, 20);

    assertThat(after.epoch()).isNotEqualTo(before.epoch());
    assertThat(after.newest()).isEqualTo(20);
    assertThat(after.gaps()).isEmpty();
    assertThat(after.replay(before.epoch() + "-20").kind()).isEqualTo(Replay.Kind.COMPLETE);
    assertThat(stored(store, after, batch("a", 21, entry("x21"))).offsets()).containsExactly(21L);
    assertThatThrownBy(() -> other.append(before.epoch(), frozen))
        .as("a node that knows nothing of it")
        .isInstanceOf(LogUnavailableException.class);
    assertThat(stored(other, before, frozen).offsets()).containsExactly(22L);
    assertThat(contents(store, store.head(after))).hasSize(22).endsWith("21 x21", "22 waited");
  }

  @Test
  void aFailoverThatLosesTheTailMakesAGapAndNoNumberIsUsedTwice() {
    RedisServer primary = closed(RedisServer.start());
    RedisServer replica = closed(RedisServer.replicaOf(primary));
    RedisStore store = stores.of(primary, Map.of());
    LogState before = store.open(0);
    store.append(before.epoch(), batch("a", 1, entry("x"), entry("y")));
    replica.awaitSameAs(primary);
    replica.kill();
    store.append(before.epoch(), batch("a", 2, entry("z"), entry("z")));
    primary.kill();
    replica.restart();
    replica.promote();
    RedisStore moved = stores.of(replica, Map.of());
    LogState after = moved.open(4);

    assertThat(after.gaps()).containsExactly(new Gap(3, 4));
    assertThat(moved.append(after.epoch(), batch("a", 3, entry("n"))).offsets())
        .containsExactly(5L);
    LogState head = moved.head(after);
    assertThat(head.replay(before.epoch() + "-4").kind())
        .as("at the tip")
        .isEqualTo(Replay.Kind.COMPLETE);
    assertThat(head.replay(before.epoch() + "-2").reset())
        .isEqualTo(new Reset(Reset.Reason.LOST, 2L, head.idAt(4)));
    assertThat(contents(moved, head)).containsExactly("1 x", "2 y", "reset to 4", "5 n");
  }

  @Test
  void aPrimaryThatWasAReplicaInBetweenIsAnotherServerAlthoughItsProcessIsTheSame() {
    RedisServer first = closed(RedisServer.start());
    RedisServer second = closed(RedisServer.replicaOf(first));
    RedisStore store = stores.of(first, Map.of());
    LogState before = store.open(0);
    store.append(before.epoch(), batch("a", 1, entry("x")));
    second.awaitSameAs(first);
    second.promote();
    store.append(before.epoch(), batch("a", 2, entry("lost")));
    first.follow(second);
    assertThatThrownBy(() -> store.append(before.epoch(), batch("a", 3, entry("y"))))
        .as("a replica")
        .isInstanceOf(LogUnavailableException.class);
    first.promote();
    // A node that has been cut off meanwhile, and comes to the server that it knew.
    RedisStore other = stores.of(first, Map.of());
    LogState opened = other.open(0);
    assertThat(opened.epoch()).isNotEqualTo(before.epoch());
    assertThat(opened.newest()).isEqualTo(1);
  }

  @Test
  void aConnectionThatOutlivesAChangeOfThePrimaryIsFenced() {
    RedisServer first = closed(RedisServer.start());
    RedisServer second = closed(RedisServer.replicaOf(first));
    RedisStore store = stores.of(first, Map.of());
    LogState before = store.open(0);
    store.append(before.epoch(), batch("a", 1, entry("x")));
    second.promote();
    first.follow(second);
    first.promote();

    assertThatThrownBy(() -> store.append(before.epoch(), batch("a", 2, entry("y"))))
        .isInstanceOf(FencedException.class);
    assertThatThrownBy(() -> store.head(before)).isInstanceOf(FencedException.class);
    assertThatThrownBy(() -> store.trim(new Retention(1, 1, 1)))
        .isInstanceOf(FencedException.class);
    LogState after = store.open(1);
    assertThat(after.epoch()).isNotEqualTo(before.epoch());
    assertThat(store.append(after.epoch(), batch("a", 2, entry("y"))).offsets())
        .containsExactly(2L);
  }

  @Test
  void aPrimaryThatHasLostItsReplicasDoesNotConfirmWhereTheLogStands() {
    RedisServer primary =
        closed(RedisServer.start("min-replicas-to-write 1", "min-replicas-max-lag 2"));
    RedisServer replica = closed(RedisServer.replicaOf(primary));
    RedisStore store = stores.of(primary, ONE_REPLICA);
    LogState state = reopened(store, 0);
    store.append(state.epoch(), batch("a", 1, entry("x")));
    replica.kill();
    await()
        .atMost(60, SECONDS)
        .untilAsserted(() -> assertThatThrownBy(() -> store.head(state))
            .isInstanceOf(LogUnavailableException.class)
            .hasMessageContaining("NOREPLICAS"));
    assertThat(contents(store, state.appended(1)))
        .as("what is known can be read all the same")
        .containsExactly("1 x");
    replica.restart();
    await().atMost(60, SECONDS).ignoreExceptions().until(() -> store.head(state).newest() == 1);
  }

  @Test
  void aFullMemoryRefusesTheWholeBatchAndUsesNoNumberAndWorksWhenThereIsRoom() {
    RedisServer server = closed(RedisServer.start("maxmemory 6mb"));
    RedisStore store = stores.of(server, Map.of());
    LogState state = store.open(0);
    long number = 0;
    LogUnavailableException refused = null;
    while (refused == null) {
      number++;
      try {
        store.append(state.epoch(), batch("a", number, large("x", 100_000), large("y", 100_000)));
      } catch (LogUnavailableException e) {
        refused = e;
      }
      assertThat(number).isLessThan(1_000);
    }
    long stored = 2 * (number - 1);
    assertThat(refused).hasMessageContaining("OOM");
    assertThat(store.open(stored).epoch()).isEqualTo(state.epoch());
    assertThat(store.head(state).newest()).isEqualTo(stored);
    assertThat(contents(store, store.head(state))).hasSize((int) stored);

    assertThat(store.trim(new Retention(4, 1L << 40, 1L << 40))).isEqualTo(Trimmed.ALL);
    Appended appended = stored(
        store,
        state.appended(stored),
        batch("a", number, large("x", 100_000), large("y", 100_000)));
    assertThat(appended.offsets()).containsExactly(stored + 1, stored + 2);
  }

  @Test
  void aFullDiskEndsTheServerBeforeItAcknowledgesAndUsesNoNumber() {
    FullDisk disk = closed(new FullDisk());
    RedisServer server = closed(RedisServer.start(disk));
    RedisStore store = stores.of(server, Map.of());
    LogState before = store.open(0);
    store.append(before.epoch(), batch("a", 1, entry("x")));
    disk.fill();
    Batch batch = batch("a", 2, entry("y"), entry("z"));
    assertThatThrownBy(() -> store.append(before.epoch(), batch))
        .isInstanceOf(LogUnavailableException.class);
    server.awaitExit();
    // A supervisor starts it again: it reads what it has, and ends at the next write.
    server.restart();
    assertThatThrownBy(() -> store.open(1)).isInstanceOf(LogUnavailableException.class);
    server.awaitExit();
    assertThat(server.log()).contains("No space left on device");
    disk.free();
    server.restart();

    LogState after = reopened(store, 1);
    assertThat(after.newest()).as("of the refused batch there is nothing").isEqualTo(1);
    assertThat(store.append(after.epoch(), batch))
        .isEqualTo(new Appended(List.of(2L, 3L), 2, 3, false));
    assertThat(contents(store, store.head(after))).containsExactly("1 x", "2 y", "3 z");
    assertThat(after.replay(before.epoch() + "-1").kind()).isEqualTo(Replay.Kind.COMPLETE);
  }

  @Test
  void aServerThatWasRestartedEmptyGoesOnAboveWhatTheNodeKnowsAndEveryCursorGetsAReset() {
    RedisServer server = closed(RedisServer.start());
    RedisStore store = stores.of(server, Map.of());
    LogState before = store.open(0);
    store.append(before.epoch(), batch("a", 1, entry("x"), entry("y")));
    server.kill();
    server.loseEverything();
    server.restart();
    LogState after = reopened(store, 2);

    assertThat(stored(store, after, batch("a", 2, entry("z"))).offsets()).containsExactly(3L);
    for (int offset = 0; offset <= 2; offset++) {
      assertThat(after.replay(before.epoch() + "-" + offset).reset().reason())
          .isEqualTo(Reset.Reason.UNKNOWN_EPOCH);
    }
  }
}
