package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.launchdarkly.eventsource.ConnectStrategy;
import com.launchdarkly.eventsource.ErrorStrategy;
import com.launchdarkly.eventsource.EventSource;
import com.launchdarkly.eventsource.MessageEvent;
import com.launchdarkly.eventsource.StreamException;
import io.samband.testing.LiveServer;
import io.samband.testing.Log;
import io.samband.testing.NpmProject;
import io.samband.testing.Processes;
import io.samband.testing.RealProxy;
import io.samband.testing.Rounds;
import io.samband.testing.ServerKind;
import io.samband.testing.SteadyPublisher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that other people wrote, and that know nothing of us, over restarts of a server that is set up by {@code server-config}:
 * each sees every acknowledged event exactly once, directly and through both proxies.
 */
class RestartIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir
  Path temp;

  private final Map<String, Reader> readers = new LinkedHashMap<>();

  /** A client that writes down the ids of the events that its application sees. */
  private interface Reader extends AutoCloseable {
    /** Ids, and a word for whatever else happened. */
    List<String> seen();

    @Override
    void close();
  }

  @Test
  void plainClientsSeeEveryEventOnceOverCrashesAndReplacements() throws IOException {
    NpmProject npm =
        NpmProject.copyOf(Path.of("src/test/outside/eventsource"), temp.resolve("npm"));
    npm.npm("ci", "--prefer-offline", "--no-audit", "--no-fund");
    try (npm;
        LiveServer server = LiveServer.startAsConfigured();
        RealProxy nginx = RealProxy.of(RealProxy.Kind.NGINX, server.base());
        RealProxy haproxy = RealProxy.of(RealProxy.Kind.HAPROXY, server.base())) {
      String start = Log.newest(server.http());
      Map.of("direct", server.base(), "nginx", nginx.base(), "haproxy", haproxy.base())
          .forEach((way, base) -> {
            readers.put("okhttp-eventsource " + way, new Okhttp(base, start));
            readers.put("npm eventsource " + way, new Npm(npm, way, base, start));
          });
      try (SteadyPublisher publisher = SteadyPublisher.to(server.base(), Duration.ofMillis(20))) {
        for (int round = 0; round < Rounds.of(1, 10); round++) {
          awaitAll(publisher.acknowledged() + 20, publisher);
          server.kill9();
          server.restart();
          awaitAll(publisher.acknowledged() + 20, publisher);
          replace(server);
        }
        awaitAll(publisher.acknowledged() + 20, publisher);
        publisher.finish();
        List<String> acknowledged = publisher.ids();
        readers.forEach((name, reader) -> await(name)
            .atMost(PATIENCE)
            .untilAsserted(() -> assertThat(events(reader)).isEqualTo(acknowledged)));
        System.out.println("RestartIT: " + acknowledged.size()
            + " events, answers to the publisher " + publisher.answers());
      } finally {
        readers.values().forEach(Reader::close);
      }
    }
  }

  /** As an operator does who installs a new version: Payara Micro is started anew, WildFly goes on running. */
  private static void replace(LiveServer server) {
    if (ServerKind.PAYARA_MICRO.isCurrent()) {
      server.restart();
    } else {
      server.undeploy();
      server.deploy();
    }
  }

  /** Waits until so many are acknowledged, and all readers have those that were acknowledged until now. */
  private void awaitAll(long acknowledged, SteadyPublisher publisher) {
    await().atMost(PATIENCE).until(() -> publisher.acknowledged() >= acknowledged);
    int size = publisher.ids().size();
    readers.forEach((name, reader) -> await(name)
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(events(reader)).hasSizeGreaterThanOrEqualTo(size)));
  }

  /** Fails at once if a reader has given up, or was told that events are missing. */
  private static List<String> events(Reader reader) {
    List<String> seen = reader.seen();
    assertThat(seen).noneMatch(line -> line.startsWith("closed") || line.equals("reset"));
    return seen;
  }

  /** okhttp-eventsource. */
  private static final class Okhttp implements Reader {
    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
    private final EventSource source;

    Okhttp(URI base, String lastEventId) {
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
          switch (event.getEventName()) {
            case "message" -> seen.add(event.getLastEventId());
            case "reset" -> seen.add("reset");
            default -> {
              // hello, keepalive, drain, status
            }
          }
        }
      } catch (StreamException e) {
        // Closed by the test.
      }
    }

    @Override
    public List<String> seen() {
      synchronized (seen) {
        return List.copyOf(seen);
      }
    }

    @Override
    public void close() {
      source.close();
    }
  }

  /** The npm package eventsource, which stops for good where the specification says so. */
  private static final class Npm implements Reader {
    private final Process process;
    private final Path output;

    Npm(NpmProject npm, String way, URI base, String lastEventId) {
      output = npm.directory().resolve(way + ".txt");
      process = npm.background(
          output, "run", "--silent", "read", "--", base.resolve("api/sse").toString(), lastEventId);
    }

    @Override
    public List<String> seen() {
      assertThat(process.isAlive()).as("the client's process lives").isTrue();
      try {
        String text = Files.readString(output);
        return text.substring(0, text.lastIndexOf('\n') + 1)
            .lines()
            .filter(line -> !line.equals("open"))
            .toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      Processes.stop(process);
    }
  }
}
