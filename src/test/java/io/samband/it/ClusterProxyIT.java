package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.testing.FakeNode;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import io.samband.testing.RealProxy;
import io.samband.testing.Rounds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Three nodes behind a proxy, as {@code server-config} sets that up. */
class ClusterProxyIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int MANY = 12;

  private final FakeNode first = new FakeNode();
  private final FakeNode second = new FakeNode();
  private final FakeNode third = new FakeNode();
  private URI nothing;

  @BeforeAll
  static void once() {
    Rounds.onceInABuild();
  }

  @BeforeEach
  void findAPortWhereNobodyListens() throws IOException {
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nothing = URI.create("http://127.0.0.1:" + closed.getLocalPort() + "/");
    }
  }

  @AfterEach
  void stop() {
    List.of(first, second, third).forEach(FakeNode::close);
  }

  @ParameterizedTest
  @EnumSource(RealProxy.Kind.class)
  void aStreamFindsTheOneNodeThatIsReady(RealProxy.Kind kind) {
    LiveServer server = LiveServer.shared();
    try (RealProxy proxy =
        RealProxy.ofCluster(kind, first.isNotReady().base(), nothing, server.base())) {
      awaitNoNewcomersAt(first, proxy);
      int before = first.streams();
      for (int i = 0; i < MANY; i++) {
        try (RawStream stream = RawStream.open(proxy.base(), "api/sse")) {
          assertThat(stream.next().data()).contains("\"replay\":\"none\"");
          server.http().post("api/sse/events", "{\"type\":\"test\",\"data\":" + i + "}");
          assertThat(stream.nextEvent().data()).contains("\"data\":" + i);
        }
      }
      assertThat(first.streams()).isEqualTo(before);
    }
  }

  /** HAProxy asks every 2 s; nginx asks for each stream. */
  private static void awaitNoNewcomersAt(FakeNode node, RealProxy proxy) {
    await().atMost(PATIENCE).until(() -> {
      int before = node.streams();
      for (int i = 0; i < MANY; i++) {
        try (RawStream stream = RawStream.open(proxy.base(), "api/sse")) {
          assertThat(stream.status()).isEqualTo(200);
          stream.next();
        }
      }
      return node.streams() == before;
    });
  }

  @ParameterizedTest
  @EnumSource(RealProxy.Kind.class)
  void newcomersAreSpreadOverTheNodesThatAreReady(RealProxy.Kind kind) {
    try (RealProxy proxy =
        RealProxy.ofCluster(kind, first.base(), second.isNotReady().base(), third.base())) {
      awaitNoNewcomersAt(second, proxy);
      assertThat(first.streams()).isPositive();
      assertThat(third.streams()).isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource(RealProxy.Kind.class)
  void ifNoNodeIsReadyAStreamGoesToAnyThatLives(RealProxy.Kind kind) {
    try (RealProxy proxy = RealProxy.ofCluster(
        kind, first.isNotReady().base(), nothing, third.isNotReady().base())) {
      Http http = new Http(proxy.base());
      // HAProxy needs two checks until it knows that none is ready, and must answer all the while.
      await()
          .pollDelay(Duration.ZERO)
          .during(Duration.ofSeconds(6))
          .atMost(PATIENCE)
          .until(() -> {
            Http.Answer stream = http.get("api/sse");
            return stream.status() == 200 && stream.body().contains("event: hello");
          });
      assertThat(first.streams()).isPositive();
      assertThat(third.streams()).isPositive();
      assertThat(http.get("api/sse/poll").status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @EnumSource(RealProxy.Kind.class)
  void aNodeWhoseLimitIsReachedGivesStreamsToAnother(RealProxy.Kind kind) {
    try (RealProxy proxy = RealProxy.ofCluster(
        kind, first.isFull().base(), second.base(), third.isFull().base())) {
      Http http = new Http(proxy.base());
      for (int i = 0; i < MANY; i++) {
        Http.Answer stream = http.get("api/sse");
        assertThat(stream.status()).isEqualTo(200);
        assertThat(stream.body()).contains("event: hello");
      }
      assertThat(second.streams()).isEqualTo(MANY);
      assertThat(first.streams() + third.streams()).isPositive();
      second.isFull();
      Http.Answer refused = http.get("api/sse");
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("Content-Type")).isEqualTo("application/problem+json");
    }
  }

  @ParameterizedTest
  @EnumSource(RealProxy.Kind.class)
  void aPublicationGoesPastANodeThatIsGoneAndIsSentOnce(RealProxy.Kind kind) {
    try (RealProxy proxy = RealProxy.ofCluster(kind, first.base(), nothing, third.base())) {
      Http http = new Http(proxy.base());
      for (int i = 0; i < MANY; i++) {
        assertThat(http.post("api/sse/events", "{}").status()).isEqualTo(202);
      }
      assertThat(first.publications() + third.publications()).isEqualTo(MANY);
    }
  }

  @ParameterizedTest
  @EnumSource(RealProxy.Kind.class)
  void aPublicationThatANodeHasReadIsNeverSentToAnother(RealProxy.Kind kind) {
    try (RealProxy proxy = RealProxy.ofCluster(
        kind,
        first.breaksAtPublications().base(),
        second.breaksAtPublications().base(),
        third.breaksAtPublications().base())) {
      Http http = new Http(proxy.base());
      int sent = 0;
      for (int i = 0; i < MANY; i++) {
        int before = first.publications() + second.publications() + third.publications();
        assertThat(fails(http)).isTrue();
        int after = first.publications() + second.publications() + third.publications();
        assertThat(after - before).isLessThanOrEqualTo(1);
        sent += after - before;
      }
      assertThat(sent).isPositive();
    }
  }

  /** Whether the publisher learns that the outcome is unknown. */
  private static boolean fails(Http http) {
    try {
      Http.Answer answer = http.post("api/sse/events", "{}");
      assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
      return answer.status() == 502;
    } catch (UncheckedIOException e) {
      // HAProxy says nothing and closes, if the client has used its connection before.
      return true;
    }
  }

  @ParameterizedTest
  @EnumSource(RealProxy.Kind.class)
  void streamsThatFindNoNodeAtAllAreEmptyStreamsAndOtherCallsGetAnError(RealProxy.Kind kind) {
    try (RealProxy proxy = RealProxy.ofCluster(kind, nothing, nothing, nothing)) {
      Http http = new Http(proxy.base());
      for (String path : List.of("api/sse", "api/sse/", "api/sse?types=a")) {
        Http.Answer stream = http.get(path);
        assertThat(stream.status()).as(path).isEqualTo(200);
        assertThat(stream.header("Content-Type")).isEqualTo("text/event-stream");
        assertThat(stream.body()).isEqualTo("retry: 2000\n\n");
      }
      for (Http.Answer other :
          List.of(http.get("api/sse/poll"), http.post("api/sse/events", "{}"))) {
        assertThat(other.status()).isIn(502, 503);
        assertThat(other.header("Content-Type")).isEqualTo("application/problem+json");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(RealProxy.Kind.class)
  void aNodeThatIsFrozenKeepsNewcomersOnlyForAMoment(RealProxy.Kind kind) throws IOException {
    // The system accepts connections for it, and nobody reads what they say.
    try (ServerSocket frozen = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      URI node = URI.create("http://127.0.0.1:" + frozen.getLocalPort() + "/");
      try (RealProxy proxy = RealProxy.ofCluster(kind, first.base(), node, third.base())) {
        Http http = new Http(proxy.base());
        if (kind == RealProxy.Kind.HAPROXY) {
          // Streams that came before wait for 40 s; nginx asks for each.
          await().atMost(PATIENCE).until(() -> proxy.log().contains("streams/node2 is DOWN"));
        }
        for (int i = 0; i < MANY; i++) {
          assertThat(http.get("api/sse").body()).contains("event: hello");
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(RealProxy.Kind.class)
  void aPollThatOneNodeCannotAnswerIsAnsweredByAnother(RealProxy.Kind kind) {
    try (RealProxy proxy = RealProxy.ofCluster(
        kind,
        first.isNotReady().cannotJudgeCursors().base(),
        second.base(),
        third.isNotReady().cannotJudgeCursors().base())) {
      awaitNoNewcomersAt(first, proxy);
      awaitNoNewcomersAt(third, proxy);
      Http http = new Http(proxy.base());
      for (int i = 0; i < MANY; i++) {
        assertThat(http.get("api/sse/poll?after=00000000-1").status()).isEqualTo(200);
      }
    }
  }
}
