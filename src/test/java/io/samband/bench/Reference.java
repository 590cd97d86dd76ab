package io.samband.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the operating system allows from Java: one thread that writes the same prebuilt bytes to every subscriber with one
 * {@code write} each. No log, no filter, no keepalive; whoever does not take all the bytes at once is dropped.
 *
 * <p>The counterpart of {@code src/bench/c/cref.c}.
 */
final class Reference implements AutoCloseable {
  private static final byte[] STREAM = ascii(String.join(
      "\r\n",
      "HTTP/1.1 200 OK",
      "Content-Type: text/event-stream",
      "Cache-Control: no-cache",
      "",
      ": hello\n\n"));
  private static final byte[] ACCEPTED =
      ascii("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");

  private final Selector selector = Selector.open();
  private final ServerSocketChannel server = ServerSocketChannel.open();
  private final List<Connection> subscribers = new ArrayList<>();
  private final byte[] bytes = new byte[64 * 1024];
  private final ByteBuffer input = ByteBuffer.wrap(bytes);
  private ByteBuffer output = ByteBuffer.allocateDirect(128 * 1024);
  private long published;

  private static final class Connection {
    final SocketChannel channel;
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    int index = -1;

    Connection(SocketChannel channel) {
      this.channel = channel;
    }
  }

  Reference(int port) throws IOException {
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 4096);
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
  }

  /** Serves until the process ends. Argument: the port. */
  public static void main(String[] args) throws IOException {
    new Reference(Integer.parseInt(args[0])).serve();
  }

  int port() {
    return server.socket().getLocalPort();
  }

  /** Serves until it is closed. */
  void serve() throws IOException {
    try {
      while (selector.isOpen()) {
        selector.select(this::handle);
      }
    } catch (ClosedSelectorException closedMeanwhile) {
      // That is the end.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    selector.close();
  }

  private void handle(SelectionKey key) {
    Connection connection = (Connection) key.attachment();
    try {
      if (connection == null) {
        accept();
      } else if (!read(connection)) {
        drop(connection);
      }
    } catch (IOException e) {
      drop(connection);
    }
  }

  private void accept() throws IOException {
    for (SocketChannel channel = server.accept(); channel != null; channel = server.accept()) {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.register(selector, SelectionKey.OP_READ, new Connection(channel));
    }
  }

  private void drop(Connection connection) {
    if (connection == null) {
      return;
    }
    if (connection.index >= 0) {
      Connection last = subscribers.remove(subscribers.size() - 1);
      if (last != connection) {
        subscribers.set(connection.index, last);
        last.index = connection.index;
      }
      connection.index = -1;
    }
    try {
      connection.channel.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }

  private boolean read(Connection connection) throws IOException {
    input.clear();
    int size = connection.channel.read(input);
    if (size < 0 || connection.index >= 0) {
      return size >= 0;
    }
    connection.request.write(bytes, 0, size);
    String request = connection.request.toString(StandardCharsets.ISO_8859_1);
    int head = request.indexOf("\r\n\r\n") + 4;
    if (head < 4) {
      return true;
    }
    return request.startsWith("GET ") ? subscribe(connection) : publish(connection, request, head);
  }

  private boolean subscribe(Connection connection) throws IOException {
    connection.request = null;
    connection.index = subscribers.size();
    subscribers.add(connection);
    return connection.channel.write(ByteBuffer.wrap(STREAM)) == STREAM.length;
  }

  private boolean publish(Connection connection, String request, int head) throws IOException {
    int end = head + contentLength(request.substring(0, head));
    if (request.length() < end) {
      return true;
    }
    broadcast(request.substring(head, end));
    connection.request.reset();
    return connection.channel.write(ByteBuffer.wrap(ACCEPTED)) == ACCEPTED.length;
  }

  private static int contentLength(String head) {
    String name = "content-length:";
    int at = head.toLowerCase(Locale.ROOT).indexOf(name) + name.length();
    return Integer.parseInt(head.substring(at, head.indexOf('\r', at)).strip());
  }

  private void broadcast(String event) {
    byte[] frame = ascii("id: 00000000-" + ++published + "\ndata: " + event + "\n\n");
    if (output.capacity() < frame.length) {
      output = ByteBuffer.allocateDirect(frame.length * 2);
    }
    output.clear().put(frame).flip();
    // From the last to the first: who is dropped is replaced by one that was served already.
    for (int i = subscribers.size() - 1; i >= 0; i--) {
      Connection subscriber = subscribers.get(i);
      output.rewind();
      try {
        if (subscriber.channel.write(output) < frame.length) {
          drop(subscriber);
        }
      } catch (IOException e) {
        drop(subscriber);
      }
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
