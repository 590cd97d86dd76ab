package io.samband.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.samband.presence.PresenceStore.Change;
import io.samband.presence.PresenceStore.PublishedNode;
import io.samband.presence.PresenceStore.Reading;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every store of presence must do, with a real server. */
public abstract class PresenceContract {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final List<AutoCloseable> open = new ArrayList<>();

  /** A node on a server that all nodes of a test share, and nothing of another test is in. */
  protected abstract PresenceStore newStore(String incarnation, String name);

  /** As above, on another server, whose clock is ahead. */
  protected abstract PresenceStore newStore(String incarnation, Duration ahead);

  /** The server has lost everything of presence. */
  protected abstract void loseEverything();

  protected abstract void freezeServer();

  protected abstract void thawServer();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  private PresenceStore store(String incarnation) {
    PresenceStore store = newStore(incarnation, "node-" + incarnation);
    open.add(store);
    return store;
  }

  private TestNode node(String incarnation) {
    TestNode node = new TestNode(
        incarnation, "node-" + incarnation, newStore(incarnation, "node-" + incarnation));
    open.add(node);
    return node;
  }

  private static Change change(long id) {
    return new Change(id, StreamJson.write(FakeStreams.stream(id, "kari")));
  }

  private static Change end(long id) {
    return new Change(id, null);
  }

  private static PublishedNode node(Reading reading, String incarnation) {
    return reading.nodes().stream()
        .filter(node -> node.incarnation().equals(incarnation))
        .findAny()
        .orElseThrow(() -> new AssertionError(reading));
  }

  private static List<Long> ids(PublishedNode node) {
    return node.changes().stream()
        .map(change -> change.json() == null ? -change.id() : change.id())
        .sorted()
        .toList();
  }

  @Test
  void aNodeReadsOnlyWhatIsNewOfAnother() {
    PresenceStore a = store("a");
    PresenceStore b = store("b");
    assertThat(a.renew("5f3a9c21-7", 1)).isFalse();
    assertThat(b.renew("5f3a9c21-7", 1)).isFalse();
    a.publish(2, List.of(change(1), change(2)));

    PublishedNode first = node(b.read(Map.of("b", Long.MAX_VALUE)), "a");
    assertThat(first.name()).isEqualTo("node-a");
    assertThat(first.cursor()).isEqualTo("5f3a9c21-7");
    assertThat(first.isWhole()).isTrue();
    assertThat(first.changes()).containsExactlyInAnyOrder(change(1), change(2));

    a.publish(3, List.of(change(3)));
    a.publish(4, List.of(end(1)));
    assertThat(a.renew("5f3a9c21-8", 5)).isTrue();
    PublishedNode second = node(b.read(Map.of("a", first.version())), "a");
    assertThat(second.isWhole()).isFalse();
    assertThat(ids(second)).containsExactly(-1L, 3L);
    assertThat(second.cursor()).isEqualTo("5f3a9c21-8");

    assertThat(node(b.read(Map.of("a", second.version())), "a").changes()).isEmpty();
    assertThat(ids(node(b.read(Map.of()), "a")).stream().filter(id -> id > 0))
        .containsExactly(2L, 3L);
  }

  @Test
  void twoNodesOfTheSameNameAreTwo() {
    PresenceStore one = newStore("c1", "same");
    PresenceStore two = newStore("c2", "same");
    open.addAll(List.of(one, two));
    one.renew("5f3a9c21-7", 1);
    two.renew("5f3a9c21-7", 1);
    one.publish(2, List.of(change(1)));
    two.publish(2, List.of(change(1), change(2)));
    Reading reading = two.read(Map.of());
    assertThat(reading.nodes()).extracting(PublishedNode::name).containsExactly("same", "same");
    assertThat(ids(node(reading, "c1"))).containsExactly(1L);
  }

  /** The clock of the server is an hour ahead of that of the nodes, and of another server an hour behind. */
  @Test
  void aLeaseEndsAfterTenSecondsByTheClockOfTheServer() {
    Map<Duration, List<PresenceStore>> servers = new HashMap<>();
    for (Duration ahead : List.of(Duration.ofHours(1), Duration.ofHours(-1))) {
      PresenceStore stays = newStore("stays", ahead);
      PresenceStore dies = newStore("dies", ahead);
      open.addAll(List.of(stays, dies));
      stays.renew("5f3a9c21-7", 1);
      dies.renew("5f3a9c21-7", 1);
      dies.publish(2, List.of(change(1)));
      servers.put(ahead, List.of(stays, dies));
    }
    servers.forEach((ahead, nodes) -> {
      PresenceStore stays = nodes.get(0);
      Reading with = stays.read(Map.of());
      Instant end = node(with, "dies").endsAt();
      assertThat(node(with, "dies").renewedAt()).isEqualTo(end.minusSeconds(10));
      assertThat(with.asOf())
          .isCloseTo(Instant.now().plus(ahead), within(20, ChronoUnit.MINUTES))
          .isBefore(end)
          .isAfterOrEqualTo(end.minusSeconds(11));
      Map<Boolean, Reading> last = new TreeMap<>();
      await().atMost(LIMIT).until(() -> {
        stays.renew("5f3a9c21-7", 9);
        Reading reading = stays.read(Map.of());
        boolean there = reading.nodes().stream().anyMatch(n -> n.incarnation().equals("dies"));
        last.put(there, reading);
        return !there;
      });
      assertThat(last.getOrDefault(true, with).asOf()).isBefore(end);
      // Redis tells milliseconds, and rounds.
      assertThat(last.get(false).asOf()).isAfterOrEqualTo(end.minusMillis(2));
      assertThat(node(last.get(false), "stays").endsAt())
          .isAfter(last.get(false).asOf());
    });
  }

  @Test
  void whatTheServerHasLostIsReadAnewWithoutWhatHasEndedMeanwhile() {
    PresenceStore a = store("d1");
    PresenceStore b = store("d2");
    a.renew("5f3a9c21-7", 1);
    a.publish(2, List.of(change(1), change(2)));
    long seen = node(b.read(Map.of()), "d1").version();
    loseEverything();
    // Without a lease nothing is published: others would not know whose it is.
    a.publish(3, List.of(change(3)));
    assertThat(b.read(Map.of("d1", seen)).nodes()).isEmpty();
    assertThat(a.renew("5f3a9c21-7", 4)).isFalse();
    a.publish(5, List.of(change(2)));
    PublishedNode again = node(b.read(Map.of("d1", seen)), "d1");
    assertThat(again.isWhole()).isTrue();
    assertThat(ids(again)).containsExactly(2L);
  }

  @Test
  void anEndIsKeptForThoseWhoHaveNotSeenItAndOthersReadEverything() {
    PresenceStore a = store("e1");
    PresenceStore b = store("e2");
    a.renew("5f3a9c21-7", 1);
    a.publish(2, List.of(change(1), change(2), change(3)));
    a.publish(3, List.of(end(1)));
    a.publish(4, List.of(end(2)));
    assertThat(ids(node(b.read(Map.of("e1", 2L)), "e1"))).containsExactly(-2L, -1L);
    a.tidy(3);
    PublishedNode late = node(b.read(Map.of("e1", 2L)), "e1");
    assertThat(late.isWhole()).isTrue();
    assertThat(ids(late).stream().filter(id -> id > 0)).containsExactly(3L);
    PublishedNode inTime = node(b.read(Map.of("e1", 3L)), "e1");
    assertThat(inTime.isWhole()).isFalse();
    assertThat(ids(inTime)).containsExactly(-2L);
  }

  /** Of the new lease everything is to be read by those who have seen the earlier one. */
  @Test
  void endsOfAnEarlierLeaseThatAreForgottenLateDoNotHideThatANewOneHasBegun() {
    PresenceStore a = store("j1");
    PresenceStore b = store("j2");
    a.renew("5f3a9c21-7", 1);
    a.publish(2, List.of(change(1), change(2)));
    loseEverything();
    a.renew("5f3a9c21-7", 3);
    a.publish(4, List.of(change(2)));
    a.tidy(2);
    PublishedNode again = node(b.read(Map.of("j1", 2L)), "j1");
    assertThat(again.isWhole()).isTrue();
    assertThat(ids(again)).containsExactly(2L);
  }

  @Test
  void aPublicationThatTheServerExecutesAfterALaterOneChangesNothing() {
    PresenceStore a = store("k1");
    PresenceStore b = store("k2");
    a.renew("5f3a9c21-7", 1);
    a.publish(3, List.of(end(1), change(2)));
    a.publish(2, List.of(change(1)));
    PublishedNode node = node(b.read(Map.of("k1", 1L)), "k1");
    assertThat(node.version()).isEqualTo(3);
    assertThat(ids(node)).containsExactly(-1L, 2L);
  }

  @Test
  void everythingIsPublishedAgainAfterALeaseWhoseBeginningWasNotAnswered() {
    var store = new CountingStore(store("l1"));
    PresenceStore b = store("l2");
    var publication = new Publication(store);
    publication.renew("5f3a9c21-7");
    publication.publish(streams(1, 2));
    loseEverything();
    store.losesAnswers = true;
    assertThatThrownBy(() -> publication.renew("5f3a9c21-7"))
        .isInstanceOf(PresenceUnavailableException.class);
    store.losesAnswers = false;
    publication.renew("5f3a9c21-7");
    publication.publish(streams(2, 3));
    assertThat(ids(node(b.read(Map.of()), "l1")).stream().filter(id -> id > 0))
        .containsExactly(2L, 3L);
  }

  /** The store may have kept what was published before. */
  @Test
  void aStreamThatHasEndedIsEndedInTheStoreAfterARenewalThatWasNotAnswered() {
    var store = new CountingStore(store("m1"));
    PresenceStore b = store("m2");
    var publication = new Publication(store);
    publication.renew("5f3a9c21-7");
    publication.publish(streams(1, 2));
    long seen = node(b.read(Map.of()), "m1").version();
    store.losesAnswers = true;
    assertThatThrownBy(() -> publication.renew("5f3a9c21-7"))
        .isInstanceOf(PresenceUnavailableException.class);
    store.losesAnswers = false;
    publication.renew("5f3a9c21-7");
    publication.publish(streams(2));
    assertThat(ids(node(b.read(Map.of("m1", seen)), "m1"))).containsExactly(-1L, 2L);
  }

  @Test
  void aStreamIsEndedInTheStoreAlsoIfItsPublicationWasNotAnswered() {
    var store = new CountingStore(store("n1"));
    PresenceStore b = store("n2");
    var publication = new Publication(store);
    publication.renew("5f3a9c21-7");
    store.losesAnswers = true;
    assertThatThrownBy(() -> publication.publish(streams(1)))
        .isInstanceOf(PresenceUnavailableException.class);
    store.losesAnswers = false;
    publication.renew("5f3a9c21-7");
    publication.publish(Map.of());
    // Redis tells of its beginning, too.
    assertThat(node(b.read(Map.of("n1", 1L)), "n1").changes()).endsWith(end(1));
  }

  private static Map<Long, PresentStream> streams(long... ids) {
    Map<Long, PresentStream> streams = new HashMap<>();
    for (long id : ids) {
      streams.put(id, FakeStreams.stream(id, "kari"));
    }
    return streams;
  }

  @Test
  void aNodeThatLeavesIsGoneAtOnce() {
    PresenceStore a = store("f1");
    PresenceStore b = store("f2");
    a.renew("5f3a9c21-7", 1);
    a.publish(2, List.of(change(1)));
    assertThat(b.read(Map.of()).nodes()).hasSize(1);
    a.leave();
    assertThat(b.read(Map.of()).nodes()).isEmpty();
  }

  @Test
  void aServerThatDoesNotAnswerEndsNoThread() {
    PresenceStore a = store("g1");
    a.renew("5f3a9c21-7", 1);
    freezeServer();
    try {
      assertThatThrownBy(() -> a.renew("5f3a9c21-7", 2))
          .isInstanceOf(PresenceUnavailableException.class);
      assertThatThrownBy(() -> a.read(Map.of())).isInstanceOf(PresenceUnavailableException.class);
    } finally {
      thawServer();
    }
    await().atMost(LIMIT).ignoreExceptions().untilAsserted(() -> {
      a.renew("5f3a9c21-7", 3);
      assertThat(a.read(Map.of()).nodes()).hasSize(1);
    });
  }

  /** Kari moves and then leaves; Olav's node is cut off, and he goes to the other one. */
  @Test
  void modulesOfEachNodeAreToldOncePerClientOfTheWholeCluster() {
    TestNode a = node("a");
    TestNode b = node("b");
    a.streams.with(1, "kari").with(2, "olav");
    a.start();
    b.start();
    await().atMost(LIMIT).untilAsserted(() -> {
      assertThat(a.told()).containsExactlyInAnyOrder("+kari at node-a!", "+olav at node-a!");
      assertThat(b.told()).containsExactlyInAnyOrder("+kari at node-a", "+olav at node-a");
      assertThat(b.shown()).containsExactly("a[1, 2]", "b[]");
    });

    a.streams.without(1);
    await().atMost(LIMIT).until(() -> b.shown().contains("a[2]"));
    b.streams.with(1, "kari");
    await().atMost(LIMIT).until(() -> a.shown().contains("b[1]"));

    a.store.cutOff = true;
    b.streams.with(2, "olav");
    await().atMost(LIMIT).untilAsserted(() -> {
      assertThat(b.shown()).containsExactly("b[]");
      assertThat(b.presence.view().complete()).isTrue();
    });
    assertThat(a.presence.view().complete()).isFalse();
    assertThat(a.shown()).containsExactly("a[]");
    a.streams.without(2);
    b.streams.without(1);
    await().atMost(LIMIT).until(() -> b.told().size() == 3);
    // If anything of the above had counted as an arrival or a departure, it would be here by now.
    assertThat(b.told().subList(2, 3)).containsExactly("-kari at node-b!");
    assertThat(a.told()).hasSize(2);

    a.store.cutOff = false;
    await().atMost(LIMIT).until(() -> a.told().size() == 3);
    assertThat(a.told().subList(2, 3)).containsExactly("-kari at node-b");
    assertThat(a.shown()).containsExactly("a[]", "b[2]");
    assertThat(b.told()).hasSize(3);
  }

  @Test
  void tenThousandStreamsCostWhatChangesOfThem() {
    TestNode a = node("h1");
    TestNode b = node("h2");
    for (int id = 0; id < 10_000; id++) {
      a.streams.with(id, "user" + id);
    }
    a.start();
    b.start();
    await().atMost(LIMIT).until(() -> streams(b, "h1") == 10_000);
    // Once each, and once read.
    assertThat(a.store.changes.get()).isEqualTo(10_000);
    assertThat(b.store.changesRead.get()).isEqualTo(10_000);
    long publications = a.store.publications.get();
    assertThat(publications).isEqualTo(5);
    long bytes = a.store.published.get();

    for (int id = 0; id < 5; id++) {
      a.streams.without(id).with(20_000 + id, "new" + id);
    }
    await()
        .atMost(LIMIT)
        .until(() -> b.presence.view().nodes().stream()
                .flatMap(node -> node.streams().stream())
                .filter(stream -> stream.id() >= 20_000)
                .count()
            == 5);
    await().atMost(LIMIT).until(() -> streams(b, "h1") == 10_000);
    long reads = b.store.reads.get();
    await().atMost(LIMIT).until(() -> b.store.reads.get() > reads + 2);
    assertThat(a.store.changes.get() - 10_000).isEqualTo(10);
    assertThat(b.store.changesRead.get() - 10_000).isEqualTo(10);
    assertThat(a.store.publications.get() - publications).isBetween(1L, 2L);
    assertThat(a.store.published.get() - bytes).isLessThan(5 * 250);
  }

  private static long streams(TestNode node, String of) {
    return node.presence.view().nodes().stream()
        .filter(each -> each.incarnation().equals(of))
        .mapToLong(each -> each.streams().size())
        .sum();
  }
}
