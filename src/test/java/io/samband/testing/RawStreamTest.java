package io.samband.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RawStreamTest {
  private static final String HEAD =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

  private ServerSocket listener;
  private Socket peer;

  @BeforeEach
  void listen() throws IOException {
    listener = new ServerSocket(Ports.free(), 10, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    listener.close();
  }

  @Test
  void chunksAreJoinedAndFramesKeepTheirText() throws Exception {
    try (RawStream stream = open(base(), HEAD)) {
      write("9\r\nid: a-1\nd\r\n");
      write("11\r\nata: x\ndata: y\n\nd\r\n10\r\nata: Bl\u00e5b\u00e6r \n\n\r\n");

      Frame first = stream.next();
      assertThat(first.text()).isEqualTo("id: a-1\ndata: x\ndata: y\n\n");
      assertThat(first.id()).isEqualTo("a-1");
      assertThat(first.data()).isEqualTo("x\ny");
      assertThat(first.isEvent()).isTrue();
      assertThat(stream.next().data()).isEqualTo("Bl\u00e5b\u00e6r ");
      assertThat(stream.status()).isEqualTo(200);
      assertThat(stream.header("content-type")).isEqualTo("text/event-stream");
      assertThat(new String(stream.raw(), StandardCharsets.UTF_8)).startsWith(HEAD + "9\r\n");
    }
  }

  @Test
  void theLastChunkIsACleanEndAndAResetIsNot() throws Exception {
    try (RawStream stream = open(base(), HEAD)) {
      write("0\r\n\r\n");
      assertThat(stream.awaitEnd()).isEqualTo(RawStream.End.CLEAN);
    }
    try (RawStream stream = open(base(), HEAD)) {
      peer.setSoLinger(true, 0);
      peer.close();
      assertThat(stream.awaitEnd()).isEqualTo(RawStream.End.BROKEN);
    }
  }

  @Test
  void whileItIsPausedTheServerCannotWriteMoreThanTheBuffersHold() throws Exception {
    try (RawStream stream = open(base(), HEAD)) {
      stream.pause();
      CompletableFuture<Void> flood = CompletableFuture.runAsync(() -> {
        for (int i = 0; i < 400; i++) {
          writeUnchecked("10000\r\n" + "x".repeat(65_536) + "\r\n");
        }
      });
      await().during(java.time.Duration.ofMillis(300)).until(() -> !flood.isDone());
      stream.resume();
      flood.join();
      await().until(() -> stream.bodyBytes() == 400 * 65_536);
    }
  }

  @Test
  void aProxyPassesThenHoldsThenPassesWhatItHeldThenCuts() throws Exception {
    try (TcpProxy proxy = TcpProxy.to(base());
        RawStream stream = open(proxy.base(), HEAD)) {
      write("6\r\nid: 1\n\r\n1\r\n\n\r\n");
      assertThat(stream.next().id()).isEqualTo("1");

      proxy.blackHole();
      write("6\r\nid: 2\n\r\n1\r\n\n\r\n");
      await()
          .during(java.time.Duration.ofMillis(300))
          .until(() -> stream.frames().size() == 1);
      proxy.pass();
      assertThat(stream.next().id()).isEqualTo("2");

      proxy.cut();
      assertThat(stream.awaitEnd()).isEqualTo(RawStream.End.BROKEN);
      assertThat(proxy.connections()).isZero();
    }
  }

  private URI base() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/");
  }

  private RawStream open(URI base, String head) {
    CompletableFuture<Void> accepted = CompletableFuture.runAsync(() -> {
      try {
        peer = listener.accept();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      writeUnchecked(head);
    });
    RawStream stream = RawStream.open(base, "api/sse");
    accepted.join();
    return stream;
  }

  private void writeUnchecked(String text) {
    try {
      write(text);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void write(String text) throws IOException {
    OutputStream out = peer.getOutputStream();
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
