package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import io.samband.testing.ServerKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each server as {@code server-config} sets it up: Payara Micro by the command of the systemd unit, with both command files;
 * WildFly by the CLI script, on the configuration that it comes with.
 */
@Timeout(300)
class ServerConfigIT {
  private static final int STREAMS = 20;
  private static final int REFUSED = 0;

  @TempDir
  Path temp;

  private static LiveServer server;

  @BeforeAll
  static void start() {
    server = LiveServer.startAsConfigured();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void everyCommandIsTakenAndTheServerStreams() {
    try (RawStream stream = server.stream("api/sse")) {
      assertThat(stream.next().is("hello")).isTrue();
      String id = publish();
      assertThat(stream.nextEvent().id()).isEqualTo(id);
      assertThat(stream.headers()).doesNotContainKey("x-powered-by");
    }
    assertThat(server.dataDir()).as("where the environment says").isNotEmptyDirectory();
    await().untilAsserted(() -> assertThat(server.log()).contains("[SSE] connect"));
    if (ServerKind.PAYARA_MICRO.isCurrent()) {
      assertThat(server.log()).doesNotContain("FAILURE");
      assertThat(server.log()).contains("Boot Command set-log-levels returned with result SUCCESS");
    } else {
      assertThat(server.log()).contains("The batch executed successfully");
    }
  }

  @Test
  void aRestartingServerAnswersNothingUntilTheApplicationAnswers() throws Exception {
    Set<Integer> answers = ConcurrentHashMap.newKeySet();
    AtomicBoolean done = new AtomicBoolean();
    server.kill9();
    Thread probe = new Thread(() -> {
      while (!done.get()) {
        answers.add(status("api/sse/poll"));
      }
    });
    probe.start();
    server.restart();
    done.set(true);
    probe.join();
    // A plain EventSource gives up for good at a 404 or a 500; it tries again after a refused
    // connection.
    assertThat(answers).isSubsetOf(REFUSED, 200);
  }

  @Test
  void requestsWhoseBodyDoesNotComeHoldThreadsForSecondsOnly() throws IOException {
    try (SlowPosts slow = SlowPosts.to(server.base(), SlowPosts.MORE_THAN_THREADS);
        RawStream stream = server.stream("api/sse")) {
      assertThat(stream.next().is("hello")).isTrue();
      assertThat(server.http().get("api/sse/poll").status()).isEqualTo(200);
      String id = publish();
      assertThat(stream.nextEvent().id()).isEqualTo(id);
      System.out.println("ServerConfigIT: slow requests still open=" + slow.open());
    }
  }

  @Test
  void aServerWhoseDeploymentFailedEndsSoThatItsSupervisorActs() throws IOException {
    Path war = temp.resolve("samband.war");
    withoutItsJar(war);
    assertEnds(
        LiveServer.launchAsConfigured(Map.of("samband.stream.workers", "abc"), LiveServer.war()));
    assertEnds(LiveServer.launchAsConfigured(Map.of(), war));
  }

  private static void assertEnds(LiveServer failing) {
    try (failing) {
      assertThat(failing.awaitEnd(Duration.ofMinutes(2))).isEqualTo(1);
      assertThat(failing.log()).contains("run-guarded: the application was not deployed");
    }
  }

  private static void withoutItsJar(Path copy) throws IOException {
    try (ZipFile from = new ZipFile(LiveServer.war().toFile());
        ZipOutputStream to = new ZipOutputStream(Files.newOutputStream(copy))) {
      for (ZipEntry entry : Collections.list(from.entries())) {
        if (!entry.getName().equals("WEB-INF/lib/samband.jar")) {
          to.putNextEntry(new ZipEntry(entry.getName()));
          from.getInputStream(entry).transferTo(to);
          to.closeEntry();
        }
      }
    }
  }

  private static int status(String path) {
    try {
      return server.http().get(path).status();
    } catch (UncheckedIOException e) {
      return REFUSED;
    }
  }

  @Test
  void allStreamsOfABrowserFitIntoOneConnectionOverTls() throws Exception {
    assumeTrue(!ServerKind.PAYARA_MICRO.isCurrent(), "the command files leave TLS to a proxy");
    HttpClient browser = HttpClient.newBuilder().sslContext(trusting()).build();
    HttpRequest request =
        HttpRequest.newBuilder(server.httpsBase().resolve("api/sse")).build();
    List<Stream<String>> streams = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      HttpResponse<Stream<String>> stream =
          browser.send(request, HttpResponse.BodyHandlers.ofLines());
      assertThat(stream.version()).isEqualTo(HttpClient.Version.HTTP_2);
      streams.add(stream.body());
    }
    String id = publish();
    for (Stream<String> lines : streams) {
      assertThat(lines.anyMatch(("id: " + id)::equals)).isTrue();
    }
  }

  @Test
  void aPageMayPublishOverTheConnectionOfItsStreams() throws Exception {
    assumeTrue(!ServerKind.PAYARA_MICRO.isCurrent(), "the command files leave TLS to a proxy");
    HttpClient browser = HttpClient.newBuilder().sslContext(trusting()).build();
    URI base = server.httpsBase();
    HttpRequest request = HttpRequest.newBuilder(base.resolve("api/sse/test"))
        .header("Origin", "https://" + base.getAuthority())
        .POST(HttpRequest.BodyPublishers.noBody())
        .build();
    var answer = browser.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
  }

  private static String publish() {
    return server
        .http()
        .post("api/sse/events", "{\"type\":\"test\",\"data\":null}")
        .json()
        .asJsonObject()
        .getString("id");
  }

  /** The server made its certificate itself. */
  private static SSLContext trusting() throws GeneralSecurityException {
    TrustManager all = new X509TrustManager() {
      @Override
      public void checkClientTrusted(X509Certificate[] chain, String authType) {}

      @Override
      public void checkServerTrusted(X509Certificate[] chain, String authType) {}

      @Override
      public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
      }
    };
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {all}, null);
    return context;
  }
}
