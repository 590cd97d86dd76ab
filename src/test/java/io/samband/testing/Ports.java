package io.samband.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Free ports on the loopback interface. */
final class Ports {
  // Below the range that outgoing connections take theirs from (32768 on Linux): a client that
  // keeps knocking at the port of a stopped server would otherwise be given that very port, connect
  // to itself, and keep the server from coming back.
  private static final int FIRST = 20_000;
  private static final int LAST = 32_000;

  private Ports() {}

  static int free() {
    for (int attempt = 0; attempt < 100; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException taken) {
        // Try another.
      }
    }
    throw new IllegalStateException("No free port between " + FIRST + " and " + LAST);
  }
}
