package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.testing.Fleet;
import io.samband.testing.Frame;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import io.samband.testing.Rounds;
import io.samband.testing.SteadyPublisher;
import jakarta.json.Json;
import java.io.StringReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Streams with a maximal lifetime, clients behind a proxy, limits, and what the log says about each stream. */
class LifetimeIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int LIFETIME_MILLIS = 5_000;
  private static final int PER_ADDRESS = 3;

  private static LiveServer server;

  @BeforeAll
  static void start() {
    Rounds.onceInABuild();
    server = LiveServer.start(Map.of(
        "samband.stream.max-lifetime-millis", String.valueOf(LIFETIME_MILLIS),
        "samband.stream.max-subscribers-per-address", String.valueOf(PER_ADDRESS),
        "samband.stream.keepalive-millis", "1000",
        "samband.stream.stall-millis", "2000",
        "samband.http.trusted-proxies", "127.0.0.1"));
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void aStreamEndsAfterItsLifeWithADrainAndResumesWithoutAGap() {
    try (RawStream stream = server.stream("api/sse", "X-Forwarded-For", "10.6.0.1")) {
      long start = System.nanoTime();
      Frame drain = stream.next(frame -> frame.is("drain"));
      long millis = (System.nanoTime() - start) / 1_000_000;
      String returns = Json.createReader(new StringReader(drain.data()))
          .readObject()
          .get("reconnectMillis")
          .toString();

      assertThat(drain.data()).startsWith("{\"reason\":\"lifetime\",\"reconnectMillis\":");
      assertThat(drain.retry()).isEqualTo(returns);
      // Never 0: a browser that then finds no server would try again without a pause.
      assertThat(Integer.parseInt(returns)).isBetween(100, 500);
      // 80-100 % of the longest life, up to a second until the clock ticks, and as long as a busy
      // machine needs.
      assertThat(millis).isBetween(LIFETIME_MILLIS * 8 / 10 - 200L, LIFETIME_MILLIS + 10_000L);
      assertThat(stream.awaitEnd()).isEqualTo(RawStream.End.CLEAN);
    }
  }

  @Test
  void aStreamWithATrailingSlashEndsWithoutAStackTrace() {
    int mark = server.log().length();
    try (RawStream stream = server.stream("api/sse/", "X-Forwarded-For", "10.4.0.1")) {
      stream.next(frame -> frame.is("drain"));
      assertThat(stream.awaitEnd()).isEqualTo(RawStream.End.CLEAN);
    }
    Story story = story("10.4.0.1");
    assertThat(story.disconnect).contains("reason=lifetime", "cause=none");
    // Without DetachedStreamFilter, Jersey completes the request a second time.
    assertThat(server.log().substring(mark)).doesNotContain("IllegalStateException");
  }

  @Test
  void aClientThatReconnectsAfterEachLifetimeMissesNothing() {
    List<Fleet> fleets = new ArrayList<>();
    try (SteadyPublisher publisher = SteadyPublisher.to(server.base(), Duration.ofMillis(5))) {
      for (int i = 0; i < 20; i++) {
        Fleet fleet = Fleet.of(
            server.base(),
            "api/sse",
            100,
            new java.util.Random(i),
            "X-Forwarded-For",
            "10.1.0." + i);
        fleet.add(PER_ADDRESS);
        fleets.add(fleet);
      }
      fleets.forEach(fleet -> fleet.awaitOpen(PATIENCE));
      await().atMost(PATIENCE).until(() -> fleets.get(0).tally().drains() >= 2 * PER_ADDRESS);
      publisher.finish();
      String last = publisher.ids().get(publisher.ids().size() - 1);
      for (Fleet fleet : fleets) {
        fleet.awaitCursor(Long.parseLong(last.substring(last.indexOf('-') + 1)), PATIENCE);
        Fleet.Tally tally = fleet.tally();
        assertThat(tally.isFaultless()).as(tally.toString()).isTrue();
        assertThat(tally.breaks()).isZero();
        assertThat(tally.refusals()).isZero();
        assertThat(tally.toldMillis()).allMatch(millis -> millis >= 100 && millis <= 500);
      }
    } finally {
      fleets.forEach(Fleet::close);
    }
  }

  @Test
  void oneStreamTooManyOfAnAddressGets503AndOtherAddressesDoNot() {
    List<RawStream> streams = new ArrayList<>();
    try {
      for (int i = 0; i < PER_ADDRESS; i++) {
        streams.add(server.stream("api/sse", "Forwarded", "for=10.2.0.1"));
      }
      Http.Answer refused = server.http().get("api/sse", "Forwarded", "for=10.2.0.1;proto=https");
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("Content-Type")).isEqualTo("application/problem+json");
      assertThat(refused.header("Retry-After")).isEqualTo("5");
      assertThat(refused.json().asJsonObject().getString("detail")).contains("poll");
      // A client that is refused can still poll, and another address can still stream.
      assertThat(server.http().get("api/sse/poll", "Forwarded", "for=10.2.0.1").status())
          .isEqualTo(200);
      try (RawStream other = server.stream("api/sse", "Forwarded", "for=10.2.0.2")) {
        assertThat(other.status()).isEqualTo(200);
      }
      assertThat(server.log()).contains("[SSE] refuse address=10.2.0.1 reason=too_many_streams");
    } finally {
      streams.forEach(RawStream::close);
    }
  }

  @Test
  void theLogSaysWhenASubscriberCameFromWhereWhatWasReplayedWhenItLeftAndWhy() {
    Http http = server.http();
    String id = http.get("api/sse/poll").json().asJsonObject().getString("lastEventId");
    for (int i = 0; i < 3; i++) {
      http.post("api/sse/events", "{\"type\":\"test\",\"data\":" + i + "}");
    }
    try (RawStream stream =
        server.stream("api/sse", "X-Forwarded-For", "10.3.0.1", "Last-Event-ID", id)) {
      for (int i = 0; i < 3; i++) {
        stream.nextEvent();
      }
    }
    Story gone = story("10.3.0.1");
    assertThat(gone.connect).contains("types=all", "lastEventId=" + id, "replay=complete");
    assertThat(gone.connect).contains("behind=3");
    assertThat(gone.disconnect).contains("reason=gone", "events=3");

    try (RawStream stream = server.stream(
        "api/sse?types=test", "X-Forwarded-For", "10.3.0.2", "Last-Event-ID", "gibberish")) {
      assertThat(stream.next(frame -> frame.is("reset"))).isNotNull();
      Story lived = story("10.3.0.2");
      assertThat(lived.connect)
          .contains("types=test", "lastEventId=00000000-0", "replay=incomplete");
      assertThat(lived.disconnect).contains("reason=lifetime", "cause=none");
    }
  }

  private record Story(String connect, String disconnect) {}

  /** The lines of the only subscriber of an address: once it has left. */
  private static Story story(String address) {
    String connect = line("connect subscriber=(\\d+) address=" + Pattern.quote(address) + " ");
    Matcher number = Pattern.compile("subscriber=(\\d+)").matcher(connect);
    assertThat(number.find()).isTrue();
    String disconnect = line("disconnect subscriber=" + number.group(1) + " ");
    // Both say when, each in the way of its server.
    assertThat(connect).containsPattern("\\d\\d:\\d\\d:\\d\\d[.,]\\d\\d\\d");
    assertThat(disconnect).containsPattern("\\d\\d:\\d\\d:\\d\\d[.,]\\d\\d\\d");
    return new Story(connect, disconnect);
  }

  private static String line(String pattern) {
    Pattern line = Pattern.compile("(?m)^.*\\[SSE] " + pattern + ".*$");
    return await()
        .atMost(PATIENCE)
        .until(
            () -> {
              Matcher found = line.matcher(server.log());
              return found.find() ? found.group() : "";
            },
            text -> !text.isEmpty());
  }
}
