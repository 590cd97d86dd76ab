package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.launchdarkly.eventsource.ConnectStrategy;
import com.launchdarkly.eventsource.ErrorStrategy;
import com.launchdarkly.eventsource.EventSource;
import com.launchdarkly.eventsource.MessageEvent;
import com.launchdarkly.eventsource.StreamException;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.Rounds;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * The process is killed in the middle of several publishers at full speed, again and again: nothing that was acknowledged is
 * lost, doubled or moved, and clients that we did not write resume over it.
 */
class CrashIT {
  private static final int PUBLISHERS = 6;

  @Test
  void killingTheProcessLosesNothingThatWasAcknowledged() throws InterruptedException {
    // The log is the same on both, and RestartIT kills each of them.
    Rounds.onceInABuild();
    Random random = Rounds.random(CrashIT.class);
    try (LiveServer server = LiveServer.start(Map.of("samband.stream.keepalive-millis", "1000"))) {
      String start =
          server.http().get("api/sse/poll").json().asJsonObject().getString("epoch") + "-0";
      List<Client> clients =
          List.of(new Client(server.base(), start), new Client(server.base(), start));
      List<Publisher> publishers = new ArrayList<>();
      for (int i = 0; i < PUBLISHERS; i++) {
        publishers.add(new Publisher(i, server.http()));
      }
      publishers.forEach(Thread::start);
      int rounds = Rounds.of(3, 25);
      for (int round = 0; round < rounds; round++) {
        int before = acknowledged(publishers);
        int some = 300 + random.nextInt(600);
        await().atMost(2, TimeUnit.MINUTES).until(() -> acknowledged(publishers) >= before + some);
        server.kill9();
        server.restart();
      }
      publishers.forEach(Publisher::end);
      for (Publisher publisher : publishers) {
        publisher.join();
      }

      List<JsonObject> log = wholeLog(server.http(), start);
      check(log, publishers);
      List<String> ids = log.stream().map(event -> event.getString("id")).toList();
      for (Client client : clients) {
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> !client.ids.isEmpty()
                && client.ids.get(client.ids.size() - 1).equals(ids.get(ids.size() - 1)));
        assertThat(client.ids).as("every event once, in the order of the log").isEqualTo(ids);
        assertThat(client.resets).isEmpty();
        client.close();
      }
      System.out.println("CrashIT: " + rounds + " kills, " + acknowledged(publishers)
          + " acknowledged, " + log.size() + " in the log");
    }
  }

  private static int acknowledged(List<Publisher> publishers) {
    return publishers.stream()
        .mapToInt(publisher -> publisher.acknowledged.size())
        .sum();
  }

  private static void check(List<JsonObject> log, List<Publisher> publishers) {
    Map<String, Integer> next = new TreeMap<>();
    Map<String, String> found = new TreeMap<>();
    for (int i = 0; i < log.size(); i++) {
      JsonObject event = log.get(i);
      String id = event.getString("id");
      assertThat(id.substring(9)).as("offsets without a gap").isEqualTo(String.valueOf(i + 1));
      JsonObject data = event.getJsonObject("data");
      String publisher = data.getString("publisher");
      int number = data.getInt("number");
      // A repeat after a crash has the same key: so each is there once, and in order.
      assertThat(number).isEqualTo(next.merge(publisher, 1, Integer::sum));
      found.put(publisher + "/" + number, id);
    }
    for (Publisher publisher : publishers) {
      publisher.acknowledged.forEach(
          (number, id) -> assertThat(found).containsEntry(publisher.name + "/" + number, id));
    }
  }

  private static List<JsonObject> wholeLog(Http http, String start) {
    List<JsonObject> events = new ArrayList<>();
    String cursor = start;
    while (true) {
      JsonObject page =
          http.get("api/sse/poll?limit=1000&after=" + cursor).json().asJsonObject();
      assertThat(page.get("reset")).isEqualTo(JsonValue.NULL);
      page.getJsonArray("events").forEach(event -> events.add(event.asJsonObject()));
      cursor = page.getString("lastEventId");
      if (!page.getBoolean("more")) {
        return events;
      }
    }
  }

  /** Publishes one after the other, and each again with the same key until it is acknowledged. */
  private static final class Publisher extends Thread {
    final String name;
    final Map<Integer, String> acknowledged = new ConcurrentHashMap<>();
    private final Http http;
    private volatile boolean ended;

    Publisher(int number, Http http) {
      super("publisher-" + number);
      this.name = "p" + number;
      this.http = http;
      setDaemon(true);
    }

    void end() {
      ended = true;
    }

    @Override
    public void run() {
      for (int number = 1; !ended; number++) {
        String body = "{\"type\":\"test\",\"data\":{\"publisher\":\"" + name + "\",\"number\":"
            + number + ",\"text\":\"Bilbrann E6 nord\"}}";
        publishUntilAcknowledged(number, body);
      }
    }

    private void publishUntilAcknowledged(int number, String body) {
      while (true) {
        try {
          var answer = http.post("api/sse/events", body, "Idempotency-Key", name + "/" + number);
          if (answer.status() == 202) {
            acknowledged.put(number, answer.json().asJsonObject().getString("id"));
            return;
          }
        } catch (UncheckedIOException e) {
          // Killed meanwhile: nobody knows whether it was stored.
        }
        LockSupport.parkNanos(50_000_000);
      }
    }
  }

  /** okhttp-eventsource, which resumes by itself. */
  private static final class Client {
    final List<String> ids = Collections.synchronizedList(new ArrayList<>());
    final List<String> resets = Collections.synchronizedList(new ArrayList<>());
    private final EventSource source;

    Client(URI base, String lastEventId) {
      source = new EventSource.Builder(ConnectStrategy.http(base.resolve("api/sse")))
          .errorStrategy(ErrorStrategy.alwaysContinue())
          .lastEventId(lastEventId)
          .build();
      Thread reader = new Thread(this::read, "okhttp-eventsource");
      reader.setDaemon(true);
      reader.start();
    }

    private void read() {
      try {
        while (true) {
          MessageEvent event = source.readMessage();
          if (event.getEventName().equals("message")) {
            ids.add(event.getLastEventId());
          } else if (event.getEventName().equals("reset")) {
            resets.add(event.getData());
          }
        }
      } catch (StreamException e) {
        // Closed by the test.
      }
    }

    void close() {
      source.close();
    }
  }
}
