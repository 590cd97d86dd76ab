package io.samband.bench;

import io.samband.log.EventLog;
import io.samband.log.LogEngine;
import io.samband.log.Retention;
import io.samband.log.h2.H2Engine;
import io.samband.log.pending.PendingEventLog;
import io.samband.log.postgres.PostgresSettings;
import io.samband.log.postgres.PostgresStore;
import io.samband.log.redis.RedisStore;
import io.samband.log.shared.SharedEngine;
import io.samband.settings.Settings;
import io.samband.testing.Frame;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.PostgresServer;
import io.samband.testing.RawStream;
import io.samband.testing.RedisServer;
import jakarta.json.Json;
import jakarta.json.JsonReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * What the engines of several nodes do beside the embedded one, in the same minutes: {@code ./mvnw -Pbench verify
 * -Dbench.class=ClusterBench}. First the
 * log alone, with all nodes in this process; then two real servers, from the publication at one to the line at the
 * client of the other; then what they cost when nothing happens.
 */
public final class ClusterBench {
  private static final long SECONDS = Long.getLong("bench.seconds", 5);
  private static final int DELIVERIES = 1_000;
  private static final int IDLE_SECONDS = 30;

  /** 50 events a second. */
  private static final long BETWEEN_MILLIS = 20;

  /** What a process needs until the compiler has seen the code, and the caches are full. */
  private static final long WARM_UP_SECONDS = 2;

  private ClusterBench() {}

  /** An engine and the servers that it needs. */
  private static final class Place implements Closeable {
    final Map<String, String> settings;
    private final Deque<Runnable> ends;

    private Place(Map<String, String> settings, Deque<Runnable> ends) {
      this.settings = settings;
      this.ends = ends;
    }

    static Place open(String name) throws IOException {
      Deque<Runnable> ends = new ArrayDeque<>();
      Map<String, String> settings = new HashMap<>();
      switch (name) {
        case "embedded" ->
          settings.put("samband.data.dir", Files.createTempDirectory("bench-").toString());
        case "postgresql", "postgresql-standby" -> {
          PostgresServer server = PostgresServer.start();
          ends.push(server::close);
          settings.putAll(PostgresServer.settings(server.port()));
          if (name.endsWith("standby")) {
            ends.push(server.addSynchronousStandby()::close);
            settings.put("samband.postgresql.synchronous", "true");
          }
        }
        default -> {
          RedisServer server = RedisServer.start();
          ends.push(server::close);
          settings.put("samband.log.engine", "redis");
          settings.put("samband.redis.url", server.url());
          if (name.endsWith("replica")) {
            ends.push(RedisServer.replicaOf(server)::close);
            settings.put("samband.redis.replicas", "1");
          }
        }
      }
      return new Place(settings, ends);
    }

    boolean isShared() {
      return !ends.isEmpty();
    }

    Map<String, String> settings(String node) {
      Map<String, String> all = new HashMap<>(settings);
      all.put("samband.node.name", node);
      return all;
    }

    EventLog log(String node) {
      Settings all = Settings.of(settings(node));
      return PendingEventLog.open(engine(all), all);
    }

    private static LogEngine engine(Settings settings) {
      Retention retention = Retention.of(settings);
      return switch (settings.logKind()) {
        case EMBEDDED -> new H2Engine(settings.dataDir(), settings.dataSync(), retention);
        case POSTGRESQL ->
          new SharedEngine(new PostgresStore(PostgresSettings.of(settings)), retention);
        case REDIS -> new SharedEngine(RedisStore.of(settings), retention);
      };
    }

    @Override
    public void close() {
      ends.forEach(Runnable::run);
    }
  }

  public static void main(String[] args) throws Exception {
    Load.reportMachine();
    String names =
        Options.text("engines", "embedded,postgresql,postgresql-standby,redis,redis-replica");
    for (String name : names.split(",", -1)) {
      try (Place place = Place.open(name)) {
        System.out.println(name);
        logs(place);
        servers(place);
      }
    }
    System.exit(0);
  }

  private static void logs(Place place) throws Exception {
    List<EventLog> nodes = new ArrayList<>(List.of(place.log("first")));
    try {
      for (int publishers : new int[] {1, 8, 32}) {
        appends(nodes, publishers);
      }
      Load.replay(nodes.get(0));
      if (place.isShared()) {
        // Each follows what the others append.
        nodes.add(place.log("second"));
        nodes.add(place.log("third"));
        appends(nodes, 1);
        appends(nodes, 32);
      }
    } finally {
      nodes.forEach(EventLog::close);
    }
  }

  private static void appends(List<EventLog> nodes, int publishers) throws Exception {
    var message = Load.messages(1);
    List<Load.Work> works = nodes.stream()
        .flatMap(node -> IntStream.range(0, publishers)
            .mapToObj(i -> (Load.Work) () -> Load.ids(node.append(message)).size()))
        .toList();
    Load.measure(works, WARM_UP_SECONDS);
    Load.report(
        nodes.size() + " nodes, " + publishers + " publishers on each",
        "events",
        Load.measure(works, SECONDS));
  }

  private static void servers(Place place) throws Exception {
    try (LiveServer first = start(place, "first");
        LiveServer second = place.isShared() ? start(place, "second") : null) {
      deliveries(first, first, "delivered by the same node");
      if (second != null) {
        deliveries(first, second, "delivered by another node");
      }
      idle(first);
    }
  }

  private static LiveServer start(Place place, String name) {
    Map<String, String> settings = place.settings(name);
    // As a server has its own.
    settings.remove("samband.data.dir");
    return LiveServer.start(
        settings, Map.of("JDK_JAVA_OPTIONS", CpuTime.JVM_FLAG, "SAMBAND_AUTH_MODE", "open"));
  }

  /** From before the call of the publisher to after the line was read. */
  private static void deliveries(LiveServer from, LiveServer to, String name) throws Exception {
    Map<Integer, Long> sent = new ConcurrentHashMap<>();
    Http http = from.http();
    long[] nanos = new long[DELIVERIES];
    int warmUp = DELIVERIES / 2;
    try (RawStream stream = to.stream("api/sse?types=bench")) {
      stream.next();
      Thread publisher = new Thread(() -> {
        for (int i = 0; i < warmUp + DELIVERIES; i++) {
          sent.put(i, System.nanoTime());
          http.post("api/sse/events", "{\"type\":\"bench\",\"data\":\"" + i + "\"}");
          sleep(BETWEEN_MILLIS);
        }
      });
      publisher.start();
      for (int i = 0; i < warmUp + DELIVERIES; i++) {
        Frame frame = stream.nextEvent();
        long now = System.nanoTime();
        int number = number(frame);
        if (number != i) {
          throw new IllegalStateException("number " + i + " came as " + number);
        }
        if (i >= warmUp) {
          nanos[i - warmUp] = now - sent.get(i);
        }
      }
      publisher.join();
    }
    Arrays.sort(nanos);
    Load.report(
        name, "events", new Load.Figures(DELIVERIES, DELIVERIES * BETWEEN_MILLIS / 1e3, nanos));
  }

  private static int number(Frame frame) {
    try (JsonReader reader = Json.createReader(new StringReader(frame.data()))) {
      return Integer.parseInt(reader.readObject().getString("data"));
    }
  }

  private static void idle(LiveServer server) throws Exception {
    double before = CpuTime.seconds(server.pid());
    sleep(IDLE_SECONDS * 1_000L);
    double share = (CpuTime.seconds(server.pid()) - before) / IDLE_SECONDS;
    System.out.printf("%-40s %.2f %% of a processor%n", "a node when nothing happens", share * 100);
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
