package io.samband.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A request whose bytes are those of the test: clients of the JDK correct what a test wants to be wrong. */
public final class RawRequest {
  private static final int TIMEOUT_MILLIS = 20_000;

  private RawRequest() {}

  /**
   * What came back.
   *
   * @param head status line and headers
   * @param body with its transfer coding
   */
  public record Answer(String head, String body) {
    public int status() {
      return Integer.parseInt(head.split(" ", 3)[1]);
    }

    /** All headers. */
    public Map<String, List<String>> headers() {
      return head.lines()
          .skip(1)
          .map(line -> line.split(":", 2))
          .collect(Collectors.groupingBy(
              field -> field[0],
              () -> new TreeMap<>(String.CASE_INSENSITIVE_ORDER),
              Collectors.mapping(field -> field[1].trim(), Collectors.toList())));
    }

    /** The values of a header, in the order in which they came. */
    public List<String> header(String name) {
      String prefix = name.toLowerCase(Locale.ROOT) + ":";
      return head.lines()
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
          .map(line -> line.substring(prefix.length()).trim())
          .toList();
    }
  }

  /** What is returned if the server has broken the connection off, as some do with headers that are too large. */
  public static final Answer CUT = new Answer("HTTP/1.1 000 cut", "");

  /**
   * Sends these lines and an empty one, and reads until the server closes. The last line is {@code Connection: close} unless
   * {@code lines} contain a body.
   *
   * @param lines the request line and the headers; a {@code Host} only if it is among them
   */
  public static Answer send(URI base, String... lines) {
    return sendText(base, String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n");
  }

  /** As above, with this body. */
  public static Answer sendBody(URI base, String body, String... lines) {
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    return sendText(
        base,
        String.join("\r\n", lines) + "\r\nContent-Length: " + length
            + "\r\nConnection: close\r\n\r\n" + body);
  }

  private static Answer sendText(URI base, String request) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(base.getHost(), base.getPort()), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      Answer answer = read(socket.getInputStream());
      check(request, answer);
      return answer;
    } catch (SocketException cut) {
      return CUT;
    } catch (IOException e) {
      throw new UncheckedIOException(request.lines().findFirst().orElse(""), e);
    }
  }

  private static void check(String request, Answer answer) {
    String[] line = request.lines().findFirst().orElse("").split(" ", -1);
    if (line.length == 3 && answer.head().startsWith("HTTP/")) {
      InstalledWireCheck.INSTANCE.answer(
          line[0],
          line[1],
          null,
          answer.status(),
          answer.headers(),
          answer.header("Transfer-Encoding").isEmpty() ? answer.body() : joined(answer.body()));
    }
  }

  /** The chunks of a body; null if its end is not there. */
  private static String joined(String chunked) {
    byte[] bytes = chunked.getBytes(StandardCharsets.UTF_8);
    Dechunker dechunker = new Dechunker();
    int length = dechunker.dechunk(bytes, 0, bytes.length);
    return dechunker.isEnd() ? new String(bytes, 0, length, StandardCharsets.UTF_8) : null;
  }

  /** Until the end, or, of a stream, until its headers and first bytes are there. */
  private static Answer read(InputStream in) throws IOException {
    var text = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      text.write(buffer, 0, count);
      if (text.toString(StandardCharsets.UTF_8).contains("event: hello")) {
        break;
      }
    }
    String all = text.toString(StandardCharsets.UTF_8);
    int end = all.indexOf("\r\n\r\n");
    return end < 0
        ? new Answer(all, "")
        : new Answer(all.substring(0, end), all.substring(end + 4));
  }
}
