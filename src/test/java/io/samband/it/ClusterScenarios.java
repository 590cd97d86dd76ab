package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.testing.Frame;
import io.samband.testing.Jcmd;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import io.samband.testing.Rounds;
import io.samband.testing.SteadyPublisher;
import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Two nodes on one log, as browsers behind a balancer see them. Each engine that nodes share has a subclass. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ClusterScenarios {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private List<LiveServer> nodes;

  /** Starts the server of the log, and says how nodes find it. */
  abstract Map<String, String> startServer();

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
    Map<String, String> log = startServer();
    nodes = List.of(node("a", log), node("b", log));
  }

  LiveServer node(int index) {
    return nodes.get(index);
  }

  private LiveServer node(String name, Map<String, String> log) {
    Map<String, String> settings = new HashMap<>(log);
    settings.put("samband.node.name", name);
    settings.put("samband.stream.keepalive-millis", "1000");
    return LiveServer.start(settings, Map.of(), war());
  }

  @AfterAll
  void stopAll() {
    if (nodes != null) {
      nodes.forEach(LiveServer::close);
    }
    stopServer();
  }

  private static JsonObject json(LiveServer node, String path) {
    return node.http().get(path).json().asJsonObject();
  }

  private static String newest(LiveServer node) {
    return json(node, "api/sse/poll").getString("lastEventId");
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
    try (SteadyPublisher one =
            SteadyPublisher.to(nodes.get(0).base(), "hop_a", Duration.ofMillis(5));
        SteadyPublisher other =
            SteadyPublisher.to(nodes.get(1).base(), "hop_b", Duration.ofMillis(5))) {
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
        assertThat(open.next(frame -> frame.is("status")).data()).contains("\"log\":\"stale\"");
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
      assertThat(open.next(frame -> frame.is("status")).data()).contains("\"log\":\"ok\"");
      assertThat(open.frames()).noneMatch(frame -> frame.is("reset"));
    }
    await().atMost(LIMIT).until(() -> status(node, "api/health/ready") == 200);
    try (RawStream back = node.stream("api/sse", "Last-Event-ID", "0badc0de-7")) {
      back.next(frame -> frame.is("hello"));
      assertThat(back.next().data()).contains("unknown_epoch");
    }
  }

  @Test
  void undeployingLeavesNoThreadOfTheEngine() {
    LiveServer node = nodes.get(1);
    node.undeploy();
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(Jcmd.run(node.pid(), "Thread.print"))
            .doesNotContain("\"samband", threads()));
    node.deploy();
    assertThat(status(node, "api/health/ready")).isEqualTo(200);
  }
}
