package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.testing.Fleet;
import io.samband.testing.Frame;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.Log;
import io.samband.testing.RawStream;
import io.samband.testing.RealProxy;
import io.samband.testing.SteadyPublisher;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Through the proxies that people put in front, as {@code server-config} sets them up. */
class ProxyIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int EVENTS = 40;
  private static final int ROUNDS = 5;

  private final LiveServer server = LiveServer.shared();

  @ParameterizedTest
  @EnumSource(RealProxy.Kind.class)
  void eventsArriveWithinMilliseconds(RealProxy.Kind kind) {
    try (RealProxy proxy = RealProxy.of(kind, server.base());
        RawStream direct = RawStream.open(server.base(), "api/sse");
        RawStream stream = RawStream.open(proxy.base(), "api/sse")) {
      assertThat(stream.next().is("hello")).isTrue();
      direct.next();
      // A proxy that waits for a fuller packet, or buffers, does so in every round; a machine that
      // is busy does not.
      boolean quick = false;
      for (int round = 0; round < ROUNDS && !quick; round++) {
        List<Long> behind = behind(direct, stream);
        long median = behind.get(EVENTS / 2);
        long ninth = behind.get(EVENTS * 9 / 10);
        System.out.println("ProxyIT: " + kind + " adds µs p50=" + median + " p90=" + ninth + " max="
            + behind.get(EVENTS - 1));
        // Nagle's algorithm, and a delayed acknowledgement, would take 40 or 200 ms.
        quick = median < 30_000 && ninth < 150_000;
      }
      assertThat(quick)
          .as("events pass without waiting in one of %s rounds", ROUNDS)
          .isTrue();
    }
  }

  /** How much later than on the way without a proxy each event comes, in microseconds, sorted. */
  private List<Long> behind(RawStream direct, RawStream proxied) {
    List<Long> behind = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      server.http().post("api/sse/events", "{\"type\":\"test\",\"data\":" + i + "}");
      Frame here = direct.nextEvent();
      long start = System.nanoTime();
      assertThat(proxied.nextEvent().text()).isEqualTo(here.text());
      behind.add((System.nanoTime() - start) / 1_000);
    }
    behind.sort(null);
    return behind;
  }

  @ParameterizedTest
  @EnumSource(RealProxy.Kind.class)
  void replayAndPollingWork(RealProxy.Kind kind) {
    try (RealProxy proxy = RealProxy.of(kind, server.base())) {
      Http http = new Http(proxy.base());
      String before = Log.newest(http);
      for (int i = 0; i < 3; i++) {
        assertThat(http.post("api/sse/events", "{\"type\":\"test\",\"data\":" + i + "}")
                .status())
            .isEqualTo(202);
      }
      assertThat(Log.after(http, before)).hasSizeGreaterThanOrEqualTo(3);
      try (RawStream stream = RawStream.open(proxy.base(), "api/sse", "Last-Event-ID", before)) {
        assertThat(stream.next().data()).contains("\"replay\":\"complete\"");
        for (int i = 0; i < 3; i++) {
          stream.nextEvent();
        }
        assertThat(stream.header("content-type")).isEqualTo("text/event-stream;charset=UTF-8");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(RealProxy.Kind.class)
  void aReloadOfTheProxyLosesNothing(RealProxy.Kind kind) {
    try (RealProxy proxy = RealProxy.of(kind, server.base());
        SteadyPublisher publisher = SteadyPublisher.to(proxy.base(), Duration.ofMillis(10));
        Fleet fleet = Fleet.of(proxy.base())) {
      fleet.add(100);
      fleet.awaitOpen(PATIENCE);
      proxy.reload();
      // The old worker has ended: each of its streams was cut, and came back through the new one.
      await().atMost(PATIENCE).until(() -> fleet.tally().breaks() >= 100);
      fleet.awaitOpen(PATIENCE);
      publisher.finish();
      String last = publisher.ids().get(publisher.ids().size() - 1);
      fleet.awaitCursor(Long.parseLong(last.substring(last.indexOf('-') + 1)), PATIENCE);
      Fleet.Tally tally = fleet.tally();
      System.out.println("ProxyIT: " + kind + " reload " + tally + " " + publisher.answers());
      assertThat(tally.isFaultless()).as(tally.toString()).isTrue();
      assertThat(tally.resets()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(RealProxy.Kind.class)
  void aStreamThatFindsNoNodeIsAnEmptyStreamAndOtherCallsGetAnError(RealProxy.Kind kind)
      throws IOException {
    URI nothing;
    try (ServerSocket closed = new ServerSocket(0)) {
      nothing = URI.create("http://127.0.0.1:" + closed.getLocalPort() + "/");
    }
    try (RealProxy proxy = RealProxy.of(kind, nothing)) {
      Http http = new Http(proxy.base());
      for (String path : List.of("api/sse", "api/sse/", "api/sse?types=a", "api/sse/?types=a")) {
        Http.Answer stream = http.get(path);
        assertThat(stream.status()).as(path).isEqualTo(200);
        assertThat(stream.header("Content-Type")).isEqualTo("text/event-stream");
        assertThat(stream.body()).isEqualTo("retry: 2000\n\n");
      }
      for (Http.Answer other : List.of(
          http.get("api/sse/poll"),
          http.get("api/health/ready"),
          http.head("api/sse"),
          http.post("api/sse/events", "{}"))) {
        assertThat(other.status()).isIn(502, 503);
        assertThat(other.header("Content-Type")).isEqualTo("application/problem+json");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(RealProxy.Kind.class)
  void requestsWhoseBodyDoesNotComeHoldNoThreadOfTheNode(RealProxy.Kind kind) throws IOException {
    try (RealProxy proxy = RealProxy.of(kind, server.base());
        SlowPosts slow = SlowPosts.to(proxy.base(), SlowPosts.MORE_THAN_THREADS);
        RawStream stream = RawStream.open(proxy.base(), "api/sse")) {
      assertThat(stream.next().is("hello")).isTrue();
      Http http = new Http(proxy.base());
      assertThat(http.get("api/sse/poll").status()).isEqualTo(200);
      assertThat(http.post("api/sse/events", "{\"type\":\"test\",\"data\":1}").status())
          .isEqualTo(202);
      assertThat(stream.nextEvent().data()).contains("\"data\":1");
      assertThat(slow.open()).as("slow requests").isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource(RealProxy.Kind.class)
  void whatIsForOperatorsIsRefusedToOthersHoweverItIsWritten(RealProxy.Kind kind)
      throws IOException {
    try (RealProxy proxy = RealProxy.of(kind, server.base())) {
      for (String path : List.of("/api/metrics", "/api/sse/connections")) {
        assertThat(status(proxy, "127.0.0.1", path)).isEqualTo(200);
        assertThat(status(proxy, "127.0.0.2", path)).isEqualTo(403);
      }
      for (String path : List.of(
          "/api/metrics/",
          "/api/metrics;x",
          "/api;x/metrics",
          "/;x/api/metrics",
          "/api/metrics%3Bx",
          "/api/%6detrics",
          "//api//metrics",
          "/api/./metrics",
          "/api/x/../metrics",
          "/api/x/%2e%2e/metrics",
          "/api/sse/connections/",
          "/api/sse;x=1/connections",
          "/api/sse/connections?x")) {
        assertThat(status(proxy, "127.0.0.2", path)).as(path).isIn(400, 403);
      }
    }
  }

  /** As raw bytes, because clients tidy paths. */
  private static int status(RealProxy proxy, String from, String path) throws IOException {
    URI base = proxy.base();
    InetAddress here = InetAddress.getByName(from);
    try (Socket socket = new Socket(base.getHost(), base.getPort(), here, 0)) {
      String request = "GET " + path + " HTTP/1.1\r\nHost: " + base.getAuthority()
          + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String head = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
      return Integer.parseInt(head.substring("HTTP/1.1 ".length()));
    }
  }
}
