package io.samband.it;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Publications that announce a body and send only its first bytes. */
final class SlowPosts implements AutoCloseable {
  /** Both servers have at most 200 request threads in {@code server-config}. */
  static final int MORE_THAN_THREADS = 220;

  private final List<Socket> sockets = new ArrayList<>();

  /** Opens so many connections, and sends the head of a request and ten bytes of its body on each. */
  static SlowPosts to(URI base, int count) throws IOException {
    SlowPosts posts = new SlowPosts();
    String request = "POST /api/sse/events HTTP/1.1\r\nHost: " + base.getAuthority()
        + "\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"type\":\"t";
    for (int i = 0; i < count; i++) {
      Socket socket = new Socket(base.getHost(), base.getPort());
      posts.sockets.add(socket);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }
    return posts;
  }

  private SlowPosts() {}

  /** How many of them are neither answered nor closed. */
  long open() {
    return sockets.stream().filter(SlowPosts::isUnanswered).count();
  }

  private static boolean isUnanswered(Socket socket) {
    try {
      socket.setSoTimeout(1);
      socket.getInputStream().read();
      return false;
    } catch (SocketTimeoutException silent) {
      return true;
    } catch (IOException closed) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
