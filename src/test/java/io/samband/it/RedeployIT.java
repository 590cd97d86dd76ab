package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.testing.Frame;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

class RedeployIT {
  private static final int STREAMS = 20;
  private static final int ROUNDS = 5;

  @TempDir
  Path temp;

  private LiveServer server;

  @BeforeEach
  void start() {
    server = LiveServer.start(Map.of("samband.stream.drain-millis", "500"));
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void undeployingEndsStreamsCleanlyAndRedeployingGoesOnWhereTheyWere() {
    Http http = server.http();
    List<RawStream> streams = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      streams.add(server.stream("api/sse"));
    }
    String last = publish(http);
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
        .untilAsserted(
            () -> assertThat(ours(jcmd("Thread.print"))).as("threads of ours").isEmpty());

    server.deploy();

    try (RawStream stream = server.stream("api/sse", "Last-Event-ID", last)) {
      assertThat(stream.next().data()).contains("\"replay\":\"complete\"");
      String next = publish(http);
      Frame event = stream.nextEvent();
      assertThat(event.id()).isEqualTo(next);
      assertThat(event.offset()).isEqualTo(offset(last) + 1);
    }
  }

  /**
   * A server may keep something of any application for a while: the idle threads of its pools hold the one for which they
   * were made, or worked last, until they end after a minute. Hence the waiting, and hence not in every build.
   */
  @Test
  @EnabledIfSystemProperty(named = "samband.soak", matches = "true")
  void nothingOfOursStaysReachableThatAnEmptyWarDoesNotLeaveToo() throws Exception {
    Path empty = emptyWar();
    server.undeploy();
    for (int round = 0; round < ROUNDS; round++) {
      server.deploy(empty);
      server.undeploy();
    }
    int leftByEmpty = applicationLoaders();

    for (int round = 0; round < ROUNDS; round++) {
      server.deploy();
      try (RawStream stream = server.stream("api/sse")) {
        publish(server.http());
        stream.nextEvent();
        server.undeploy();
      }
    }
    server.deploy(empty); // what the server keeps of its last application shall not be ours
    server.undeploy();

    await().atMost(Duration.ofMinutes(4)).pollInterval(Duration.ofSeconds(10)).untilAsserted(() -> {
      assertThat(ours(jcmd("GC.class_histogram")))
          .as("classes of ours with instances")
          .isEmpty();
      assertThat(applicationLoaders()).as("class loaders").isLessThanOrEqualTo(leftByEmpty);
    });
    System.out.printf(
        "MEASURED class loaders after %d redeployments: %d (after as many of an empty WAR: %d)%n",
        ROUNDS, applicationLoaders(), leftByEmpty);
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
    try (OutputStream file = Files.newOutputStream(war);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      zip.putNextEntry(new ZipEntry("WEB-INF/beans.xml"));
      zip.write("<beans xmlns=\"https://jakarta.ee/xml/ns/jakartaee\" version=\"4.0\"/>"
          .getBytes(StandardCharsets.UTF_8));
      zip.closeEntry();
      for (String descriptor : List.of("glassfish-web.xml", "jboss-web.xml")) {
        zip.putNextEntry(new ZipEntry("WEB-INF/" + descriptor));
        Files.copy(Path.of("src/main/webapp/WEB-INF", descriptor), zip);
        zip.closeEntry();
      }
    }
    return war;
  }

  /** The histogram collects garbage first, so what it counts is reachable. */
  private int applicationLoaders() {
    String loader = LiveServer.isPayara()
        ? "org.glassfish.web.loader.WebappClassLoader"
        : "org.jboss.modules.ModuleClassLoader";
    return jcmd("GC.class_histogram")
        .lines()
        .filter(line -> line.strip()
            .matches("\\S+\\s+\\d+\\s+\\d+\\s+" + loader.replace(".", "\\.") + "(\\s.*)?"))
        .mapToInt(line -> Integer.parseInt(line.strip().split("\\s+", -1)[1]))
        .sum();
  }

  private static List<String> ours(String text) {
    // The launcher of these tests runs in the server's process, and is none of the application.
    return text.lines()
        .filter(line -> line.contains("samband") && !line.contains("io.samband.testing."))
        .toList();
  }

  private String jcmd(String command) {
    try {
      Process jcmd = new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
              String.valueOf(server.pid()),
              command)
          .redirectErrorStream(true)
          .start();
      String output = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(jcmd.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(jcmd.exitValue()).as(output).isZero();
      return output;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
