package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.LiveServer;
import io.samband.testing.RawRequest;
import io.samband.testing.ServerKind;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in in the mode {@code local}. */
class LocalModeIT {
  private static LiveServer server;

  @BeforeAll
  static void start() {
    server = LiveServer.start(Map.of("samband.auth.mode", "local"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static RawRequest.Answer get(String path, String... headers) {
    String[] lines = new String[headers.length + 1];
    lines[0] = "GET " + path + " HTTP/1.1";
    System.arraycopy(headers, 0, lines, 1, headers.length);
    return RawRequest.send(server.base(), lines);
  }

  private static void assertRefused(RawRequest.Answer answer) {
    assertThat(answer.status()).as(answer.head()).isEqualTo(401);
    assertThat(answer.body()).contains("samband.auth.mode");
    assertThat(answer.header("WWW-Authenticate")).containsExactly("Bearer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Host: localhost", "Host: LOCALHOST:8080", "Host: 127.0.0.1:1", "Host: [::1]"})
  void aProgramOfThisMachineHasAllRights(String host) {
    assertThat(get("/api/sse/connections", host).status()).isEqualTo(200);
    assertThat(get("/", host).status()).isEqualTo(200);
    RawRequest.Answer stream = get("/api/sse", host);
    assertThat(stream.status()).isEqualTo(200);
    assertThat(stream.body()).contains("event: hello").doesNotContain("\"auth\"");
    assertThat(get("/api/health/ready", host).body()).contains("\"auth\":\"local\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: desk.example",
        "Host: localhost.evil.example",
        "Host: 127.0.0.1.evil.example",
        "Host: 10.0.0.1",
        "Host: localhost\r\nX-Forwarded-For: 127.0.0.1",
        "Host: localhost\r\nX-Forwarded-For: 192.0.2.7",
        "Host: localhost\r\nx-forwarded-proto: https",
        "Host: localhost\r\nX-Forwarded-Host: localhost",
        "Host: localhost\r\nForwarded: for=127.0.0.1"
      })
  void whatMayComeFromElsewhereIsRefusedAndToldWhichSettingToChange(String headers) {
    assertRefused(get("/api/sse/poll", headers));
    assertRefused(get("/api/sse", headers));
    assertRefused(get("/", headers));
    assertThat(get("/api/health/ready", headers).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Origin: https://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site"})
  void aPageOfAnotherSiteCannotUseItThroughTheBrowserOfThisMachine(String header) {
    assertThat(get("/api/sse", "Host: localhost", header).status()).isEqualTo(403);
  }

  @Test
  void aRequestOfAnotherMachineIsRefused() throws IOException {
    Assumptions.assumeTrue(
        ServerKind.PAYARA_MICRO.isCurrent(), "the other server listens at the loopback address");
    Optional<InetAddress> own = Collections.list(NetworkInterface.getNetworkInterfaces()).stream()
        .flatMap(net -> Collections.list(net.getInetAddresses()).stream())
        .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
        .findAny();
    Assumptions.assumeTrue(own.isPresent(), "this machine has no other address");
    URI base =
        URI.create("http://" + own.get().getHostAddress() + ":" + server.base().getPort());

    assertRefused(RawRequest.send(base, "GET /api/sse/poll HTTP/1.1", "Host: localhost"));
  }
}
