package io.samband.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A stream on a plain socket: shows every byte as it came, and can stop reading as a stalled client does.
 *
 * <p>A thread of its own reads; all methods may be called from any thread.
 */
public final class RawStream implements AutoCloseable {
  /** To compare a frame with the document takes longer than to send it: a test would wait for its own client. */
  private static final int MAX_CHECKED = 1_000;

  /** How a stream ended: {@code CLEAN} when the server said so, {@code BROKEN} when the connection was reset. */
  public enum End {
    CLEAN,
    BROKEN
  }

  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final Socket socket = new Socket();
  private final Recorder in;
  private final String statusLine;
  private final Map<String, String> headers = new LinkedHashMap<>();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final List<Frame> frames = new ArrayList<>();
  private final ByteArrayOutputStream unfinished = new ByteArrayOutputStream();
  private boolean emptyLine;
  private int taken;
  private boolean paused;
  private End end;
  private AssertionError undocumented;
  private int checked;

  /**
   * Opens {@code path} (relative to the base: {@code api/sse}) and returns when the headers are here.
   *
   * @param headers names and values in turn
   */
  public static RawStream open(URI base, String path, String... headers) {
    return open(base, path, 0, headers);
  }

  /** As above, with a receive buffer of so many bytes, so that a stall reaches the server soon. */
  public static RawStream open(URI base, String path, int receiveBuffer, String... headers) {
    try {
      return new RawStream(base, "GET", path, receiveBuffer, headers);
    } catch (IOException e) {
      throw new UncheckedIOException(base.resolve(path).toString(), e);
    }
  }

  private RawStream(
      URI base, String method, String path, int receiveBuffer, String... requestHeaders)
      throws IOException {
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.connect(new InetSocketAddress(base.getHost(), base.getPort()), (int) TIMEOUT.toMillis());
    URI target = base.resolve(path);
    String query = target.getRawQuery() == null ? "" : "?" + target.getRawQuery();
    StringBuilder request =
        new StringBuilder(method + " " + target.getRawPath() + query + " HTTP/1.1\r\n");
    request
        .append("Host: ")
        .append(base.getRawAuthority())
        .append("\r\nAccept: text/event-stream\r\n");
    for (int i = 0; i < requestHeaders.length; i += 2) {
      request
          .append(requestHeaders[i])
          .append(": ")
          .append(requestHeaders[i + 1])
          .append("\r\n");
    }
    socket
        .getOutputStream()
        .write(request.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
    in = new Recorder(socket.getInputStream());
    socket.setSoTimeout((int) TIMEOUT.toMillis());
    statusLine = in.line();
    for (String line = in.line(); !line.isEmpty(); line = in.line()) {
      int colon = line.indexOf(':');
      headers.merge(
          line.substring(0, colon).toLowerCase(Locale.ROOT),
          line.substring(colon + 1).strip(),
          (a, b) -> a + ", " + b);
    }
    socket.setSoTimeout(0);
    checkHead(method, Http.target(base, target));
    Thread reader = new Thread(this::read, "raw-stream-" + socket.getLocalPort());
    reader.setDaemon(true);
    reader.start();
  }

  private void checkHead(String method, String target) throws IOException {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    headers.forEach((name, value) -> fields.put(name, List.of(value)));
    try {
      InstalledWireCheck.INSTANCE.answer(method, target, null, status(), fields, null);
    } catch (AssertionError e) {
      socket.close();
      throw e;
    }
  }

  private void check(Frame frame) {
    if (undocumented != null
        || ++checked > MAX_CHECKED
        // Streams of other servers, which tests imitate, do not have it.
        || !headers.containsKey("x-content-type-options")
        || !headers.getOrDefault("content-type", "").startsWith("text/event-stream")) {
      return;
    }
    try {
      InstalledWireCheck.INSTANCE.frame(frame);
    } catch (AssertionError e) {
      undocumented = e;
    }
  }

  public int status() {
    return Integer.parseInt(statusLine.split(" ", -1)[1]);
  }

  /** The value of a header, by its lower-case name; null if it is not there. */
  public String header(String name) {
    return headers.get(name);
  }

  /** All headers, names in lower case. */
  public Map<String, String> headers() {
    return headers;
  }

  /** Every byte that came, status line, headers and transfer coding included. */
  public byte[] raw() {
    return in.recorded();
  }

  /** The body so far, transfer coding removed. */
  public synchronized String text() {
    return body.toString(StandardCharsets.UTF_8);
  }

  public synchronized long bodyBytes() {
    return body.size();
  }

  public synchronized List<Frame> frames() {
    return List.copyOf(frames);
  }

  /** The application events so far. */
  public List<Frame> events() {
    return frames().stream().filter(Frame::isEvent).toList();
  }

  /** Waits for the next frame that was not taken yet. */
  public Frame next() {
    return next(frame -> true);
  }

  /** Waits for the next application event that was not taken yet. */
  public Frame nextEvent() {
    return next(Frame::isEvent);
  }

  /**
   * Takes frames until one is as wanted, and returns that one.
   *
   * @throws AssertionError if one is not as {@code asyncapi.json} says; so does {@link #close}
   */
  public synchronized Frame next(Predicate<Frame> wanted) {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (true) {
      throwIfUndocumented();
      while (taken < frames.size()) {
        Frame frame = frames.get(taken++);
        if (wanted.test(frame)) {
          return frame;
        }
      }
      await(deadline, "No such frame");
    }
  }

  /** Waits until the stream has ended. */
  public synchronized End awaitEnd() {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (end == null) {
      waitUntil(deadline, "The stream is still open");
    }
    return end;
  }

  /** Null while the stream is open. */
  public synchronized End end() {
    return end;
  }

  /** Stops reading, after what is being read just now: what the server writes then fills the socket's buffers. */
  public synchronized void pause() {
    paused = true;
  }

  public synchronized void resume() {
    paused = false;
    notifyAll();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    resume();
    throwIfUndocumented();
  }

  private synchronized void throwIfUndocumented() {
    if (undocumented != null) {
      throw new AssertionError("A frame is not as it is described", undocumented);
    }
  }

  private void await(long deadline, String otherwise) {
    if (end != null) {
      throw new AssertionError(otherwise + ": the stream ended " + end + " after " + frames);
    }
    waitUntil(deadline, otherwise);
  }

  @SuppressWarnings("WaitNotInLoop") // its callers loop
  private void waitUntil(long deadline, String otherwise) {
    long millis = (deadline - System.nanoTime()) / 1_000_000;
    if (millis <= 0) {
      throw new AssertionError(
          otherwise + " within " + TIMEOUT + ": " + statusLine + ", " + frames.size()
              + " frames, the last " + (frames.isEmpty() ? "none" : frames.get(frames.size() - 1)));
    }
    try {
      wait(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void read() {
    End how = End.BROKEN;
    try {
      if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
        readChunks();
      } else {
        readToTheEnd();
      }
      how = End.CLEAN;
    } catch (IOException broken) {
      // Said by how it ended.
    }
    synchronized (this) {
      end = how;
      notifyAll();
    }
  }

  private void readChunks() throws IOException {
    while (true) {
      awaitResumed();
      int size = Integer.parseInt(in.line(), 16);
      for (int left = size; left > 0; ) {
        awaitResumed();
        byte[] bytes = in.some(left);
        left -= bytes.length;
        accept(bytes);
      }
      in.line();
      if (size == 0) {
        return;
      }
    }
  }

  private void readToTheEnd() throws IOException {
    long left =
        Long.parseLong(headers.getOrDefault("content-length", String.valueOf(Long.MAX_VALUE)));
    while (left > 0) {
      awaitResumed();
      byte[] bytes;
      try {
        bytes = in.some((int) Math.min(left, Integer.MAX_VALUE));
      } catch (EOFException e) {
        return;
      }
      left -= bytes.length;
      accept(bytes);
    }
  }

  private synchronized void awaitResumed() {
    while (paused && !socket.isClosed()) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private synchronized void accept(byte[] bytes) {
    body.writeBytes(bytes);
    for (byte b : bytes) {
      unfinished.write(b);
      if (b == '\n') {
        if (emptyLine) {
          Frame frame = Frame.parse(unfinished.toString(StandardCharsets.UTF_8));
          check(frame);
          frames.add(frame);
          unfinished.reset();
        }
        emptyLine = true;
      } else {
        emptyLine = false;
      }
    }
    notifyAll();
  }

  /** Keeps a copy of every byte that is read through it. */
  private static final class Recorder {
    private final InputStream in;
    private final ByteArrayOutputStream copy = new ByteArrayOutputStream();

    Recorder(InputStream in) {
      this.in = new BufferedInputStream(in);
    }

    byte[] recorded() {
      synchronized (copy) {
        return copy.toByteArray();
      }
    }

    /** At least one byte, at most {@code max}. */
    byte[] some(int max) throws IOException {
      byte[] buffer = new byte[Math.min(max, 64 * 1024)];
      int read = in.read(buffer);
      if (read < 0) {
        throw new EOFException();
      }
      synchronized (copy) {
        copy.write(buffer, 0, read);
      }
      return Arrays.copyOf(buffer, read);
    }

    /** A line that ends with CR LF, without it. */
    String line() throws IOException {
      StringBuilder line = new StringBuilder();
      while (true) {
        char c = (char) (some(1)[0] & 0xff);
        if (c == '\n') {
          return line.toString();
        }
        if (c != '\r') {
          line.append(c);
        }
      }
    }
  }
}
