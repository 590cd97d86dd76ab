package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.samband.testing.Frame;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import io.samband.testing.RealProxy;
import io.samband.testing.Rounds;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real server on a file system that is really full. Needs the right to mount one. */
class FullDiskIT {
  @TempDir
  Path disk;

  @Test
  void aFullDiskRefusesHttpKeepsModulesWaitingAndStreamsOpenAndFlowsOnInOrder() throws IOException {
    Rounds.onceInABuild();
    boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk.toString());
    assumeTrue(mounted, "not allowed to mount a file system");
    Map<String, String> settings = Map.of(
        "samband.data.dir", disk.resolve("log").toString(),
        "samband.log.pending-events", "5",
        "samband.publish.wait-millis", "500",
        "samband.stream.keepalive-millis", "1000");
    try (LiveServer server = LiveServer.start(settings)) {
      Path ballast = Files.write(disk.resolve("ballast"), new byte[2 << 20]);
      try (RawStream stream = server.stream("api/sse")) {
        stream.next(frame -> frame.is("hello"));
        String before = fill(server);

        assertIsRefused(server.http());
        List<String> nonces = new ArrayList<>();
        JsonObject health = fireUntil(server.http(), "pending", 5, nonces);
        assertThat(health.getString("log")).isEqualTo("failing");
        assertThat(health.getString("status")).as("reads and streams go on").isEqualTo("UP");
        assertThat(health.getInt("pending")).isEqualTo(5);
        assertThat(server.http().get("api/health/live").status()).isEqualTo(200);
        assertThat(stream.end()).isNull();
        assertReadingGoesOnThroughAProxyThatChecksHealth(server);

        Files.delete(ballast);
        await().atMost(Duration.ofSeconds(30)).until(() -> isReady(server.http()));
        for (String nonce : nonces) {
          assertThat(stream.next(frame -> isTest(frame)).data()).contains(nonce);
        }
        assertThat(ready(server.http(), 200).getInt("pending")).isZero();
        JsonObject page = poll(server.http(), before);
        assertThat(page.getString("replay")).isEqualTo("complete");

        overflow(server, stream, page.getString("lastEventId"));
      }
    } finally {
      run("umount", "-l", disk.toString());
    }
  }

  /** A proxy that asks whether the node is ready must not take pages, polls and streams away. */
  private static void assertReadingGoesOnThroughAProxyThatChecksHealth(LiveServer server) {
    try (RealProxy proxy = RealProxy.of(RealProxy.Kind.HAPROXY, server.base())) {
      Http http = new Http(proxy.base());
      // Longer than its checks need to find a node unfit: two, every 2 s.
      await().during(Duration.ofSeconds(5)).atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
        for (String path : List.of("", "api/sse/poll", "api/health/ready")) {
          assertThat(http.get(path).status()).as("/" + path).isEqualTo(200);
        }
      });
      try (RawStream stream = RawStream.open(proxy.base(), "api/sse")) {
        assertThat(stream.next().is("hello")).isTrue();
        assertThat(stream.next(frame -> frame.is("status")).data()).contains("\"log\":\"failing\"");
      }
    }
  }

  /** What overflows is announced to every cursor that crosses it, streams that are open included. */
  private static void overflow(LiveServer server, RawStream stream, String cursor)
      throws IOException {
    Path ballast = server.dataDir().resolveSibling("ballast");
    Files.deleteIfExists(ballast.resolveSibling("rest"));
    long free = Files.getFileStore(ballast.getParent()).getUsableSpace();
    Files.write(ballast, new byte[(int) Math.max(0, free - 400_000)]);
    fill(server);
    JsonObject health = fireUntil(server.http(), "lost", 3, new ArrayList<>());
    assertThat(health.getInt("lost")).isEqualTo(3);
    Files.delete(ballast);
    await().atMost(Duration.ofSeconds(30)).until(() -> isReady(server.http()));
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> ready(server.http(), 200).getInt("pending") == 0);
    String last = fire(server.http());

    // The events before the loss are still there; then comes the reset.
    JsonObject page = poll(server.http(), cursor);
    assertThat(page.getString("replay")).isEqualTo("complete");
    assertThat(page.getJsonArray("events")).isNotEmpty();
    while (page.isNull("reset")) {
      assertThat(page.getBoolean("more")).isTrue();
      page = poll(server.http(), page.getString("lastEventId"));
    }
    assertThat(page.getJsonObject("reset").getString("reason")).isEqualTo("lost");
    assertThat(stream.next(frame -> frame.is("reset")).data()).contains("\"reason\":\"lost\"");
    assertThat(stream.next(frame -> isTest(frame)).data()).contains(last);
  }

  private static boolean isTest(Frame frame) {
    return frame.isEvent() && frame.data().startsWith("{\"type\":\"test\"");
  }

  /** Publishes until the disk is full, for small events too; returns the last id that was acknowledged. */
  private static String fill(LiveServer server) throws IOException {
    String last = "";
    for (int size : new int[] {60_000, 2_000, 10}) {
      String body = "{\"type\":\"filler\",\"data\":\"" + "x".repeat(size) + "\"}";
      for (int refused = 0; refused < 3; ) {
        eatWhatIsLeft(server.dataDir().resolveSibling("rest"), size);
        var answer = server.http().post("api/sse/events", body);
        if (answer.status() == 202) {
          last = answer.json().asJsonObject().getString("id");
        } else {
          assertThat(answer.status()).isEqualTo(503);
          refused++;
        }
      }
    }
    return last;
  }

  private static void eatWhatIsLeft(Path rest, int size) throws IOException {
    if (size < 60_000) {
      long free = Files.getFileStore(rest.getParent()).getUsableSpace();
      Files.write(rest, new byte[(int) free], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }

  private static void assertIsRefused(Http http) {
    var refused = http.post("api/sse/events", "{\"type\":\"test\",\"data\":null}");
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.header("Retry-After")).isEqualTo("5");
    assertThat(refused.header("Content-Type")).startsWith("application/problem+json");
    assertThat(refused.json().asJsonObject().getString("detail"))
        .containsAnyOf("was not stored", "may be stored");
  }

  private static String fire(Http http) {
    return fired(http).orElseThrow();
  }

  /** The nonce of a test event, or empty if the answer says that the event is lost. */
  private static Optional<String> fired(Http http) {
    var answer = http.post("api/sse/test", "");
    assertThat(answer.status()).isIn(202, 503);
    return answer.status() == 202
        ? Optional.of(answer.json().asJsonObject().getString("nonce"))
        : Optional.empty();
  }

  /**
   * A file that is opened again may have room for one more small event, and then that is stored; and what has just been
   * taken from the queue waits, but has not failed yet.
   *
   * @return the answer of a log that has failed with that many
   */
  private static JsonObject fireUntil(Http http, String figure, int value, List<String> nonces) {
    int tries = 0;
    while (true) {
      Http.Answer answer = http.get("api/health/ready");
      JsonObject health = answer.json().asJsonObject();
      if (health.getInt(figure, 0) < value) {
        assertThat(tries++).as(figure).isLessThan(100);
        fired(http).ifPresent(nonces::add);
      } else if (health.getString("log").equals("failing")) {
        return health;
      }
    }
  }

  private static boolean isReady(Http http) {
    return http.get("api/health/ready").json().asJsonObject().getString("log").equals("ok");
  }

  private static JsonObject ready(Http http, int status) {
    var answer = http.get("api/health/ready");
    assertThat(answer.status()).isEqualTo(status);
    return answer.json().asJsonObject();
  }

  private static JsonObject poll(Http http, String after) {
    return http.get("api/sse/poll?after=" + after).json().asJsonObject();
  }

  private static boolean run(String... command) {
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
