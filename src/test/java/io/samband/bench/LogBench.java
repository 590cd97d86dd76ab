package io.samband.bench;

import io.samband.event.SSEEvent;
import io.samband.log.EventLog;
import io.samband.log.Retention;
import io.samband.log.h2.H2Engine;
import io.samband.log.pending.PendingEventLog;
import io.samband.settings.Settings;
import io.samband.testing.Http;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What the event log does in a second, measured where a module stands: {@code ./mvnw -Pbench-log}. With {@code
 * -Dbench.url=http://localhost:8080/} it also asks a running server for polls.
 */
public final class LogBench {
  private static final long SECONDS = Long.getLong("bench.seconds", 5);

  private LogBench() {}

  public static void main(String[] args) throws Exception {
    Load.reportMachine();
    for (boolean sync : new boolean[] {false, true}) {
      for (int publishers : new int[] {1, 8, 32}) {
        appends(sync, publishers, 1);
      }
    }
    appends(false, 1, 100);
    replay();
    String url = System.getProperty("bench.url", "");
    if (!url.isEmpty()) {
      polls(new Http(URI.create(url)));
    }
  }

  private static void appends(boolean sync, int publishers, int batch) throws Exception {
    Path dir = Files.createTempDirectory(Path.of(System.getProperty("bench.dir", ".")), "bench-");
    try (var log = open(Settings.of(
        Map.of("samband.data.dir", dir.toString(), "samband.data.sync", String.valueOf(sync))))) {
      List<SSEEvent> events = Load.messages(batch);
      // As a module does: it encodes, appends, and waits until that is durable.
      Load.Work append = () -> Load.ids(log.append(events)).size();
      Load.measure(publishers, 2, append);
      String name = (sync ? "sync, " : "") + publishers + " publishers"
          + (batch > 1 ? ", batches of " + batch : "");
      Load.report(name, "events", Load.measure(publishers, SECONDS, append));
    } finally {
      delete(dir);
    }
  }

  private static void replay() throws Exception {
    Path dir = Files.createTempDirectory(Path.of(System.getProperty("bench.dir", ".")), "bench-");
    try (var log = open(Settings.of(Map.of("samband.data.dir", dir.toString())))) {
      Load.replay(log);
    } finally {
      delete(dir);
    }
  }

  private static void polls(Http http) throws Exception {
    String path = "api/sse/poll?after="
        + http.get("api/sse/poll").json().asJsonObject().getString("lastEventId");
    Load.Work poll = () -> http.get(path).status() == 200 ? 1 : 0;
    Load.measure(8, 3, poll);
    Load.report("poll when nothing is new, 8 clients", "requests", Load.measure(8, SECONDS, poll));
  }

  private static void delete(Path dir) throws IOException {
    try (var files = Files.list(dir)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(dir);
  }

  private static EventLog open(Settings settings) {
    return PendingEventLog.open(
        new H2Engine(settings.dataDir(), settings.dataSync(), Retention.of(settings)), settings);
  }
}
