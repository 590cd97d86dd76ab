package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.testing.Frame;
import io.samband.testing.Http;
import io.samband.testing.Jcmd;
import io.samband.testing.LiveServer;
import io.samband.testing.Log;
import io.samband.testing.RawStream;
import io.samband.testing.RealProxy;
import io.samband.testing.Rounds;
import io.samband.testing.SteadyPublisher;
import io.samband.testing.TcpProxy;
import io.samband.testing.WrongClock;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Two nodes on one log, as browsers behind a balancer see them. Each engine that nodes share has a subclass. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ClusterScenarios {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final long STORM_SECONDS = 5;
  private static final String ALL = "api/sse/connections?nodes=all";

  private List<LiveServer> nodes;

  /** Between each node and the server of the log. */
  private List<TcpProxy> links;

  /** Starts the server of the log; its port. */
  abstract int startServer();

  /** How a node finds it at a port. */
  abstract Map<String, String> settings(int port);

  abstract void killServer();

  /** After {@link #killServer}. */
  abstract void startServerAgain();

  /** From now on the server does nothing, and its connections stay open. */
  abstract void freezeServer();

  abstract void thawServer();

  /** Does nothing if it was not started. */
  abstract void stopServer();

  /** What the nodes run. */
  Path war() {
    return LiveServer.war();
  }

  /** What the names of threads have in them that belong to the engine, beside {@code samband}. */
  abstract String threads();

  @BeforeAll
  void startNodes() {
    Rounds.onceInABuild();
    URI server = URI.create("http://127.0.0.1:" + startServer());
    links = List.of(TcpProxy.to(server), TcpProxy.to(server));
    // All that is tested here has to hold whatever time of day the nodes believe in.
    nodes = List.of(
        node("a", links.get(0), Duration.ofHours(1)),
        node("b", links.get(1), Duration.ofHours(-1)));
  }

  LiveServer node(int index) {
    return nodes.get(index);
  }

  private LiveServer node(String name, TcpProxy link, Duration ahead) {
    Map<String, String> settings = new HashMap<>(settings(link.base().getPort()));
    settings.put("samband.node.name", name);
    settings.put("samband.stream.keepalive-millis", "1000");
    // Half of what the clocks are wrong by.
    settings.put(
        "samband.log.retain-millis", String.valueOf(Duration.ofMinutes(30).toMillis()));
    return LiveServer.start(settings, WrongClock.ahead(ahead), war());
  }

  @AfterAll
  void stopAll() {
    if (nodes != null) {
      nodes.forEach(LiveServer::close);
    }
    if (links != null) {
      links.forEach(TcpProxy::close);
    }
    stopServer();
  }

  private static JsonObject json(LiveServer node, String path) {
    return node.http().get(path).json().asJsonObject();
  }

  private static String newest(LiveServer node) {
    return json(node, "api/sse/poll").getString("lastEventId");
  }

  /** Whether a stream is told this of the log. Before {@code stale} it may be told {@code failing}: an append waits for its answer. */
  private static boolean says(Frame frame, String log) {
    return frame.is("status") && frame.data().contains("\"log\":\"" + log + '"');
  }

  private static int status(LiveServer node, String path) {
    return node.http().get(path).status();
  }

  @Test
  void whatOneNodeGetsTheOtherDeliversInOrder() {
    assertThat(json(nodes.get(1), "api/health/ready").getString("node")).isEqualTo("b");
    try (RawStream stream = nodes.get(1).stream("api/sse");
        SteadyPublisher publisher =
            SteadyPublisher.to(nodes.get(0).base(), "across", Duration.ofMillis(1))) {
      stream.next(frame -> frame.is("hello"));
      await().atMost(LIMIT).until(() -> publisher.acknowledged() >= 100);
      publisher.finish();
      List<String> ids = new ArrayList<>();
      while (ids.size() < publisher.ids().size()) {
        Frame event = stream.nextEvent();
        if (event.data().contains("\"across\"")) {
          ids.add(event.id());
        }
      }
      assertThat(ids).isEqualTo(publisher.ids());
    }
  }

  @Test
  void aClientThatHopsBetweenTheNodesGetsEachEventOnce() {
    int hops = Rounds.of(30, 1_000);
    String last = newest(nodes.get(0));
    long offset = Long.parseLong(last.substring(9));
    try (SteadyPublisher one = SteadyPublisher.atRate(nodes.get(0).base(), "hop_a", 100);
        SteadyPublisher other = SteadyPublisher.atRate(nodes.get(1).base(), "hop_b", 100)) {
      for (int hop = 0; hop < hops; hop++) {
        try (RawStream stream = nodes.get(hop % 2).stream("api/sse", "Last-Event-ID", last)) {
          Frame hello = stream.next();
          assertThat(hello.data()).contains("\"replay\":\"complete\"");
          assertThat(hello.id()).isEqualTo(last);
          for (int i = 0; i < 5; i++) {
            Frame event = stream.next(frame -> !frame.is("keepalive"));
            assertThat(event.isEvent()).as(event.toString()).isTrue();
            assertThat(event.offset()).isEqualTo(++offset);
            last = event.id();
          }
        }
      }
      assertThat(one.acknowledged()).isPositive();
      assertThat(other.acknowledged()).isPositive();
      System.out.println("ClusterScenarios: " + hops + " hops of a client, "
          + (one.acknowledged() + other.acknowledged()) + " events published");
    }
  }

  @Test
  void whenANodeIsKilledItsClientsGoOnAtTheOther() {
    LiveServer killed = nodes.get(0);
    LiveServer stays = nodes.get(1);
    try (SteadyPublisher publisher =
            SteadyPublisher.to(killed.base(), "killed", Duration.ofMillis(2));
        RawStream before = killed.stream("api/sse")) {
      before.next(frame -> frame.is("hello"));
      for (int i = 0; i < 50; i++) {
        before.nextEvent();
      }
      killed.kill9();
      before.awaitEnd();
      List<Frame> got = before.events();
      Frame last = got.get(got.size() - 1);
      try (RawStream after = stays.stream("api/sse", "Last-Event-ID", last.id())) {
        assertThat(after.next().data()).contains("\"replay\":\"complete\"");
        killed.restart();
        long acknowledged = publisher.acknowledged();
        await().atMost(LIMIT).until(() -> publisher.acknowledged() > acknowledged + 20);
        publisher.finish();
        long through = offset(publisher.ids().get(publisher.ids().size() - 1));
        for (long next = last.offset() + 1; next <= through; next++) {
          assertThat(after.nextEvent().offset()).isEqualTo(next);
        }
        assertThat(after.frames()).noneMatch(frame -> frame.is("reset"));
      }
      // Each number once: a repeat after the kill got the id of the first time.
      assertThat(publisher.ids()).doesNotHaveDuplicates();
    }
  }

  private static long offset(String id) {
    return Long.parseLong(id.substring(id.indexOf('-') + 1));
  }

  @Test
  void whileTheServerOfTheLogIsFrozenNobodyGetsAVerdictAndNewcomersGoElsewhere() {
    LiveServer node = nodes.get(0);
    String good = newest(node);
    try (RawStream open = node.stream("api/sse")) {
      open.next(frame -> frame.is("hello"));
      freezeServer();
      try {
        open.next(frame -> says(frame, "stale"));
        assertThat(status(node, "api/health/live")).isEqualTo(200);
        assertThat(json(node, "api/health/ready").getString("log")).isEqualTo("stale");
        assertThat(status(node, "api/sse/poll?after=0badc0de-7")).isEqualTo(503);
        assertThat(
                json(node, "api/sse/poll?after=" + good).getJsonObject("status").getString("log"))
            .isEqualTo("stale");
        assertThat(node.http()
                .post("api/sse/events", "{\"type\":\"a\",\"data\":1}")
                .status())
            .isEqualTo(503);
        try (RawStream held = node.stream("api/sse", "Last-Event-ID", "0badc0de-7")) {
          assertThat(held.next().id()).isEqualTo("0badc0de-7");
          Frame status = held.next();
          assertThat(status.data()).contains("\"log\":\"stale\"");
          assertThat(status.id()).isEqualTo("0badc0de-7");
          assertThat(held.next(frame -> frame.is("keepalive")).id()).isEqualTo("0badc0de-7");
          await().atMost(LIMIT).until(() -> status(node, "api/health/ready") == 503);
          thawServer();
          Frame drain = held.next(frame -> !frame.is("keepalive"));
          assertThat(drain.is("drain")).as(drain.toString()).isTrue();
          assertThat(drain.id()).isEqualTo("0badc0de-7");
        }
      } finally {
        thawServer();
      }
      open.next(frame -> says(frame, "ok"));
      assertThat(open.frames()).noneMatch(frame -> frame.is("reset"));
    }
    await().atMost(LIMIT).until(() -> status(node, "api/health/ready") == 200);
    try (RawStream back = node.stream("api/sse", "Last-Event-ID", "0badc0de-7")) {
      back.next(frame -> frame.is("hello"));
      assertThat(back.next().data()).contains("unknown_epoch");
    }
  }

  /** Publishes; the id. */
  private static String publish(LiveServer node, String type, String... headers) {
    var answer =
        node.http().post("api/sse/events", "{\"type\":\"" + type + "\",\"data\":1}", headers);
    assertThat(answer.status()).as(answer.body()).isEqualTo(202);
    return answer.json().asJsonObject().getString("id");
  }

  @Test
  void eventsAndKeysAreKeptAsLongAsTheClockOfTheServerSaysAndNotThoseOfTheNodes() {
    String id = publish(nodes.get(0), "aged", "Idempotency-Key", "aged-1");
    String next = publish(nodes.get(1), "aged", "Idempotency-Key", "aged-2");
    assertThat(Duration.between(time(nodes.get(1)), time(nodes.get(0))))
        .as("how much the clocks differ")
        .isGreaterThan(Duration.ofMinutes(90));
    // Each node removes what is old about once a second.
    await()
        .during(Duration.ofSeconds(3))
        .atMost(LIMIT)
        .until(() ->
            json(nodes.get(0), "api/sse/poll").getJsonNumber("oldest").longValue() <= offset(id));
    for (LiveServer node : nodes) {
      assertThat(publish(node, "aged", "Idempotency-Key", "aged-1")).isEqualTo(id);
      assertThat(publish(node, "aged", "Idempotency-Key", "aged-2")).isEqualTo(next);
      JsonObject page = json(node, "api/sse/poll?limit=1&after=" + id);
      assertThat(page.getString("replay")).isEqualTo("complete");
      assertThat(page.getJsonArray("events").getJsonObject(0).getString("id")).isEqualTo(next);
    }
  }

  /** What time it is for a node. */
  private static Instant time(LiveServer node) {
    try (RawStream stream = node.stream("api/sse")) {
      String data = stream.next(frame -> frame.is("keepalive")).data();
      return Instant.parse(
          Json.createReader(new StringReader(data)).readObject().getString("timestamp"));
    }
  }

  @Test
  void theClientsOfANodeThatIsCutOffFromTheServerGoOnAtTheOtherAndItReturns() throws Exception {
    LiveServer well = nodes.get(0);
    LiveServer alone = nodes.get(1);
    List<String> ids = new ArrayList<>();
    try (RealProxy balancer = RealProxy.ofCluster(
            RealProxy.Kind.HAPROXY, well.base(), alone.base(), whereNobodyListens());
        RawStream stays = alone.stream("api/sse")) {
      stays.next(frame -> frame.is("hello"));
      try {
        Frame stale = cutOff(alone, well, ids);
        Http http = new Http(balancer.base());
        // The balancer asks every 2 s, and needs two answers.
        await()
            .during(Duration.ofSeconds(2))
            .atMost(LIMIT)
            .until(() -> status(alone, "api/health/ready") == 503
                && http.get("api/health/ready").body().contains("\"node\":\"a\""));
        try (RawStream moved =
            RawStream.open(balancer.base(), "api/sse", "Last-Event-ID", stale.id())) {
          assertThat(moved.next().data()).contains("\"replay\":\"complete\"");
          ids.add(publish(well, "meanwhile"));
          assertThat(List.of(moved.nextEvent().id(), moved.nextEvent().id()))
              .isEqualTo(ids.subList(1, 3));
          assertThat(moved.frames()).noneMatch(frame -> frame.is("reset"));
        }
      } finally {
        links.get(1).pass();
      }
      for (String id : ids) {
        assertThat(stays.nextEvent().id()).isEqualTo(id);
      }
      assertThat(stays.frames()).noneMatch(frame -> frame.is("reset"));
      await().atMost(LIMIT).until(() -> status(alone, "api/health/ready") == 200);
      // Its connection for reading is there again before that for writing is.
      await()
          .atMost(LIMIT)
          .until(() -> alone
                  .http()
                  .post("api/sse/events", "{\"type\":\"after\",\"data\":1}")
                  .status()
              == 202);
    }
  }

  private static URI whereNobodyListens() throws IOException {
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("http://127.0.0.1:" + closed.getLocalPort() + "/");
    }
  }

  /**
   * Cuts the second node off from the server, between two events.
   *
   * @param ids gets those of the events
   * @return what a client of that node is told
   */
  private Frame cutOff(LiveServer alone, LiveServer well, List<String> ids) {
    try (RawStream stream = alone.stream("api/sse")) {
      stream.next(frame -> frame.is("hello"));
      ids.add(publish(well, "before"));
      assertThat(stream.nextEvent().id()).isEqualTo(ids.get(0));
      links.get(1).cut();
      ids.add(publish(well, "meanwhile"));
      Frame stale = stream.next(frame -> says(frame, "stale"));
      assertThat(stale.id()).isEqualTo(ids.get(0));
      assertThat(
              alone.http().post("api/sse/events", "{\"type\":\"a\",\"data\":1}").status())
          .isEqualTo(503);
      return stale;
    }
  }

  @Test
  void whenAllNodesAreCutOffStreamsStayAndEverythingComesInOrderAfterwards()
      throws InterruptedException {
    String before = newest(nodes.get(0));
    List<SteadyPublisher> publishers = new ArrayList<>();
    List<RawStream> streams = new ArrayList<>();
    try {
      for (LiveServer node : nodes) {
        streams.add(node.stream("api/sse", "Last-Event-ID", before));
        publishers.add(
            SteadyPublisher.to(node.base(), "cut_" + publishers.size(), Duration.ofMillis(5)));
      }
      awaitMore(publishers, 20);
      links.forEach(TcpProxy::cut);
      for (RawStream stream : streams) {
        stream.next(frame -> says(frame, "stale"));
      }
      // Modules fire on, and their events wait.
      String nonce =
          nodes.get(0).http().post("api/sse/test", "").json().asJsonObject().getString("nonce");
      assertNobodyHammers();
      links.forEach(TcpProxy::pass);
      awaitMore(publishers, 20);
      publishers.forEach(SteadyPublisher::finish);

      List<Log.Event> stored = stored(nodes.get(0), before, publishers);
      assertThat(stored).filteredOn(event -> event.data().contains(nonce)).hasSize(1);
      List<String> ids = stored.stream().map(Log.Event::id).toList();
      for (RawStream stream : streams) {
        await().atMost(LIMIT).until(() -> stream.events().size() >= ids.size());
        assertThat(stream.events()).extracting(Frame::id).isEqualTo(ids);
        assertThat(stream.frames()).noneMatch(frame -> frame.is("reset"));
        assertThat(stream.end()).isNull();
      }
      publishers.forEach(publisher -> assertIsInTheLogOnce(publisher, stored));
    } finally {
      links.forEach(TcpProxy::pass);
      publishers.forEach(SteadyPublisher::close);
      streams.forEach(RawStream::close);
    }
  }

  /** Each part of a node that needs the server tries again by itself, all the more rarely the longer it is away. */
  private void assertNobodyHammers() throws InterruptedException {
    long before = links.stream().mapToLong(TcpProxy::attempts).sum();
    Thread.sleep(STORM_SECONDS * 1_000);
    long attempts = links.stream().mapToLong(TcpProxy::attempts).sum() - before;
    assertThat(attempts).isBetween(1L, STORM_SECONDS * nodes.size() * 5);
  }

  private static void awaitMore(List<SteadyPublisher> publishers, int events) {
    for (SteadyPublisher publisher : publishers) {
      long before = publisher.acknowledged();
      await().atMost(LIMIT).until(() -> publisher.acknowledged() >= before + events);
    }
  }

  /** What a node has after an id, once it has all that was acknowledged, by whichever node. */
  private static List<Log.Event> stored(
      LiveServer node, String before, List<SteadyPublisher> publishers) {
    long last = publishers.stream()
        .flatMap(publisher -> publisher.ids().stream())
        .mapToLong(ClusterScenarios::offset)
        .max()
        .orElseThrow();
    await().atMost(LIMIT).until(() -> offset(newest(node)) >= last);
    return Log.after(node.http(), before);
  }

  private static void assertIsInTheLogOnce(SteadyPublisher publisher, List<Log.Event> stored) {
    assertThat(stored.stream()
            .filter(event -> event.type().equals(publisher.type()))
            .map(event -> Long.valueOf(event.data()))
            .toList())
        .as(publisher.type())
        .isEqualTo(LongStream.rangeClosed(1, publisher.acknowledged()).boxed().toList());
  }

  @Test
  void aNodeThatIsFrozenWhileTheServerChangesStoresWhatWaitsOnceAndItsStreamsGoOn() {
    LiveServer awake = nodes.get(0);
    LiveServer frozen = nodes.get(1);
    String before = newest(awake);
    String epoch = json(awake, "api/health/ready").getString("epoch");
    try (RawStream stream = frozen.stream("api/sse", "Last-Event-ID", before);
        SteadyPublisher publisher =
            SteadyPublisher.to(frozen.base(), "frozen", Duration.ofMillis(5))) {
      awaitMore(List.of(publisher), 20);
      try {
        frozen.freeze();
        killServer();
        startServerAgain();
        await()
            .atMost(LIMIT)
            .until(() -> awake
                    .http()
                    .post("api/sse/events", "{\"type\":\"awake\",\"data\":1}")
                    .status()
                == 202);
        assertThat(json(awake, "api/health/ready").getString("epoch")).isNotEqualTo(epoch);
      } finally {
        frozen.thaw();
      }
      awaitMore(List.of(publisher), 20);
      publisher.finish();
      List<Log.Event> stored = stored(awake, before, List.of(publisher));
      assertIsInTheLogOnce(publisher, stored);
      List<String> ids = stored.stream().map(Log.Event::id).toList();
      await().atMost(LIMIT).until(() -> stream.events().size() >= ids.size());
      assertThat(stream.events())
          .extracting(Frame::offset)
          .isEqualTo(ids.stream().map(ClusterScenarios::offset).toList());
      assertThat(stream.frames()).noneMatch(frame -> frame.is("reset"));
    }
  }

  @Test
  void theFiguresOfASharedLogAreThoseThatTheManualNames() throws Exception {
    String figures = nodes.get(0).http().get("api/metrics").body();
    Set<String> named = sharedFigures(Files.readString(Path.of("docs/operations.md")));
    // Only with samband.redis.replicas, which RedisFaultsTest has.
    named.remove("samband_log_shared_unacknowledged");
    assertThat(sharedFigures(figures)).isEqualTo(named).hasSizeGreaterThan(6);
    assertThat(figures)
        .contains("\nsamband_log_shared_stale 0.0\n", "\nsamband_log_shared_behind ");
  }

  private static Set<String> sharedFigures(String text) {
    return Pattern.compile("samband_log_shared_[a-z_]+")
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void eachNodeShowsTheConnectionsOfAllWhileTheirLeaseLasts() {
    LiveServer killed = nodes.get(0);
    LiveServer stays = nodes.get(1);
    try (RawStream one = killed.stream("api/sse?types=x,y", "User-Agent", "presence-a");
        RawStream other = stays.stream("api/sse", "User-Agent", "presence-b")) {
      one.next(frame -> frame.is("hello"));
      other.next(frame -> frame.is("hello"));
      for (LiveServer node : nodes) {
        await().atMost(LIMIT).untilAsserted(() -> {
          assertThat(json(node, ALL).getBoolean("complete")).isTrue();
          assertThat(nodesOf(json(node, ALL))).containsExactly("a", "b");
          assertThat(connectionsOf(json(node, ALL)))
              .contains("presence-a at a [\"x\",\"y\"]", "presence-b at b []");
        });
      }
      killed.kill9();
      Instant killedAt = Instant.now();
      List<JsonObject> shown = new ArrayList<>();
      await().atMost(LIMIT).until(() -> {
        shown.add(json(stays, ALL));
        return !nodesOf(shown.get(shown.size() - 1)).contains("a");
      });
      JsonObject last = node(shown.get(shown.size() - 2), "a");
      Instant ended = Instant.parse(last.getString("endsAt"));
      assertThat(Instant.parse(last.getString("renewedAt")).plusSeconds(10)).isEqualTo(ended);
      // The server of the log has the clock of this machine.
      assertThat(ended).isBeforeOrEqualTo(killedAt.plusSeconds(10));
      JsonObject without = shown.get(shown.size() - 1);
      assertThat(Instant.parse(without.getString("asOf"))).isAfterOrEqualTo(ended.minusMillis(2));
      assertThat(without.getBoolean("complete")).isTrue();
      assertThat(connectionsOf(without)).contains("presence-b at b []");
      assertThat(connectionsOf(without).toString()).doesNotContain("presence-a");

      freezeServer();
      try {
        await().atMost(LIMIT).until(() -> !json(stays, ALL).getBoolean("complete"));
        assertThat(nodesOf(json(stays, ALL))).containsExactly("b");
        assertThat(connectionsOf(json(stays, ALL))).contains("presence-b at b []");
      } finally {
        thawServer();
      }
      killed.restart();
      await().atMost(LIMIT).untilAsserted(() -> {
        assertThat(json(stays, ALL).getBoolean("complete")).isTrue();
        assertThat(nodesOf(json(stays, ALL))).containsExactly("a", "b");
      });
    }
  }

  private static List<String> nodesOf(JsonObject all) {
    return all.getJsonArray("nodes").getValuesAs(JsonObject.class).stream()
        .map(node -> node.getString("name"))
        .sorted()
        .toList();
  }

  private static JsonObject node(JsonObject all, String name) {
    return all.getJsonArray("nodes").getValuesAs(JsonObject.class).stream()
        .filter(node -> node.getString("name").equals(name))
        .findAny()
        .orElseThrow();
  }

  private static List<String> connectionsOf(JsonObject all) {
    return all.getJsonArray("connections").getValuesAs(JsonObject.class).stream()
        .map(each -> each.getString("userAgent", "none") + " at " + each.getString("node") + " "
            + each.getJsonArray("types"))
        .toList();
  }

  @Test
  void undeployingLeavesNoThreadOfTheEngine() {
    // Not the one whose clock is behind: WildFly compares it with the time of the file, and deploys
    // twice.
    LiveServer node = nodes.get(0);
    node.undeploy();
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(Jcmd.run(node.pid(), "Thread.print"))
            .doesNotContain("\"samband", threads()));
    node.deploy();
    assertThat(status(node, "api/health/ready")).isEqualTo(200);
  }
}
