package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.testing.Clock;
import io.samband.testing.Frame;
import io.samband.testing.Http;
import io.samband.testing.Jcmd;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

class RedeployIT {
  private static final int STREAMS = 20;
  private static final int ROUNDS = 5;

  private static final Map<String, String> SETTINGS = Map.of("samband.stream.drain-millis", "500");

  @TempDir
  Path temp;

  @Test
  void undeployingEndsStreamsCleanlyAndRedeployingGoesOnWhereTheyWere() {
    try (LiveServer server = LiveServer.start(SETTINGS)) {
      List<RawStream> streams = new ArrayList<>();
      for (int i = 0; i < STREAMS; i++) {
        streams.add(server.stream("api/sse"));
      }
      String last = publish(server.http());
      for (RawStream stream : streams) {
        assertThat(stream.nextEvent().id()).isEqualTo(last);
      }

      server.undeploy();

      for (RawStream stream : streams) {
        Frame drain = stream.next(frame -> frame.is("drain"));
        assertThat(drain.id()).isEqualTo(last);
        assertThat(drain.data()).contains("\"reason\":\"shutdown\"");
        assertThat(stream.awaitEnd()).isEqualTo(RawStream.End.CLEAN);
        stream.close();
      }
      await()
          .untilAsserted(() ->
              assertThat(ours(server, "Thread.print")).as("threads of ours").isEmpty());

      server.deploy();

      try (RawStream stream = server.stream("api/sse", "Last-Event-ID", last)) {
        assertThat(stream.next().data()).contains("\"replay\":\"complete\"");
        String next = publish(server.http());
        Frame event = stream.nextEvent();
        assertThat(event.id()).isEqualTo(next);
        assertThat(event.offset()).isEqualTo(offset(last) + 1);
      }
    }
  }

  /**
   * A thread of WildFly's pools holds the task that it began with for as long as it lives, and with it the application; idle
   * threads end after a minute, but the one that runs timers never does. So the WAR that is empty but for a timer comes
   * first, and then nothing of ours may stay. Payara's Grizzly keeps the stack of whoever is the first to close a connection
   * (a static exception), and with it that application: so the empty one closes one, too. Not in every build, because of
   * that minute.
   */
  @Test
  @EnabledIfSystemProperty(named = "samband.soak", matches = "true")
  void nothingOfOursStaysReachableThatAnEmptyWarDoesNotLeaveToo() throws IOException {
    Path empty = emptyWar();
    try (LiveServer server = LiveServer.startBare(SETTINGS)) {
      for (int round = 0; round < ROUNDS; round++) {
        deployEmpty(server, empty);
        server.undeploy();
      }
      for (int round = 0; round < ROUNDS; round++) {
        server.deploy();
        try (RawStream stream = server.stream("api/sse")) {
          publish(server.http());
          stream.nextEvent();
          server.undeploy();
        }
      }
      deployEmpty(server, empty); // what the server keeps of its last application shall not be ours
      server.undeploy();

      await()
          .atMost(Duration.ofMinutes(4))
          .pollInterval(Duration.ofSeconds(5))
          .untilAsserted(() -> assertThat(ours(server, "GC.class_histogram"))
              .as("classes of ours with instances")
              .isEmpty());
      System.out.printf(
          "RedeployIT: %d redeployments, nothing of ours left; of the empty WAR %d%n",
          ROUNDS, copies(server, Clock.class));
    }
  }

  private static void deployEmpty(LiveServer server, Path empty) throws IOException {
    int log = server.log().length();
    server.deploy(empty);
    try (Socket socket = new Socket(server.base().getHost(), server.base().getPort())) {
      socket
          .getOutputStream()
          .write("GET /index.html HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
              .getBytes(StandardCharsets.UTF_8));
      assertThat(socket.getInputStream().readAllBytes()).asString().startsWith("HTTP/1.1 200");
    }
    await().until(() -> server.log().indexOf(Clock.TICK, log) > 0);
  }

  private static String publish(Http http) {
    return http.post("api/sse/events", "{\"type\":\"test\",\"data\":null}")
        .json()
        .asJsonObject()
        .getString("id");
  }

  private static long offset(String id) {
    return Long.parseLong(id.substring(id.indexOf('-') + 1));
  }

  private Path emptyWar() throws IOException {
    Path war = temp.resolve("empty.war");
    String clock = Clock.class.getName().replace('.', '/') + ".class";
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(war));
        InputStream code = Clock.class.getClassLoader().getResourceAsStream(clock)) {
      put(zip, "index.html", "<!doctype html>".getBytes(StandardCharsets.UTF_8));
      put(zip, "WEB-INF/classes/" + clock, code.readAllBytes());
      for (String descriptor : List.of("WEB-INF/glassfish-web.xml", "WEB-INF/jboss-web.xml")) {
        put(zip, descriptor, Files.readAllBytes(Path.of("src/main/webapp", descriptor)));
      }
    }
    return war;
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content);
    zip.closeEntry();
  }

  /** The launcher of these tests and the clock are none of the application. */
  private static List<String> ours(LiveServer server, String command) {
    return Jcmd.run(server.pid(), command)
        .lines()
        .filter(line -> line.contains("samband") && !line.contains("io.samband.testing."))
        .toList();
  }

  /** How many class loaders have a class with instances: a histogram has a line for each. */
  private static long copies(LiveServer server, Class<?> type) {
    return Jcmd.run(server.pid(), "GC.class_histogram")
        .lines()
        .filter(line -> List.of(line.strip().split("\\s+", -1)).contains(type.getName()))
        .count();
  }
}
