package io.samband.testing;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One subscriber of a {@link Fleet}. Belongs to the fleet's thread. */
final class FleetClient {
  private enum State {
    WAITING,
    CONNECTING,
    HEAD,
    OPENING,
    OPEN,
    LEFT
  }

  private static final Pattern RECONNECT = Pattern.compile("\"reconnectMillis\":(\\d+)");
  private static final Pattern RETRY_AFTER = Pattern.compile("(?i)\r\nRetry-After: *(\\d+)");
  private static final long DEFAULT_RETRY_MILLIS = 2_000;

  private final Fleet fleet;
  private final Fleet.Tally tally;
  long dueNanos;

  private State state = State.WAITING;
  private boolean stalled;
  private SocketChannel channel;
  private SelectionKey key;

  // What outlives a connection.
  private String lastId;
  private long cursor = -1;
  private long retryMillis = DEFAULT_RETRY_MILLIS;
  private long drainedAtNanos;

  // Of the connection: the head, then chunks, then lines.
  private final StringBuilder head = new StringBuilder();
  private boolean chunked;
  private int chunkLeft;
  private int sizeDigits;
  private boolean inSize;
  private byte[] line = new byte[256];
  private int length;
  private String id;
  private String event;
  private String data;
  private long hash;
  private boolean hasData;
  private long drainMillis;

  FleetClient(Fleet fleet, Fleet.Tally tally) {
    this.fleet = fleet;
    this.tally = tally;
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  boolean isStalled() {
    return stalled;
  }

  boolean hasLeft() {
    return state == State.LEFT;
  }

  long cursor() {
    return cursor;
  }

  void connect() {
    state = State.CONNECTING;
    head.setLength(0);
    length = 0;
    id = null;
    event = null;
    data = null;
    hasData = false;
    hash = 0;
    drainMillis = -1;
    if (drainedAtNanos != 0) {
      tally.returnMillis.add((System.nanoTime() - drainedAtNanos) / 1_000_000);
      drainedAtNanos = 0;
    }
    try {
      channel = SocketChannel.open();
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.SO_RCVBUF, 16 * 1024);
      key = channel.register(fleet.selector, SelectionKey.OP_CONNECT, this);
      channel.connect(fleet.address);
    } catch (IOException e) {
      ended();
    }
  }

  /** Its socket has something to tell. */
  void selected() {
    try {
      if (!key.isValid()) {
        return;
      }
      if (key.isConnectable()) {
        channel.finishConnect();
        channel.write(request());
        key.interestOps(SelectionKey.OP_READ);
        state = State.HEAD;
      } else if (key.isReadable()) {
        read();
      }
    } catch (IOException e) {
      ended();
    }
  }

  private ByteBuffer request() {
    String end = lastId == null ? "\r\n" : "Last-Event-ID: " + lastId + "\r\n\r\n";
    byte[] last = end.getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(fleet.requestHead, fleet.requestHead.length + last.length);
    System.arraycopy(last, 0, all, fleet.requestHead.length, last.length);
    return ByteBuffer.wrap(all);
  }

  private void read() throws IOException {
    ByteBuffer buffer = fleet.buffer;
    buffer.clear();
    if (channel.read(buffer) < 0) {
      ended();
      return;
    }
    buffer.flip();
    while (buffer.hasRemaining() && state != State.WAITING) {
      if (state == State.HEAD) {
        head(buffer);
      } else if (!chunked) {
        body(buffer, buffer.remaining());
      } else if (inSize) {
        chunkSize(buffer.get());
      } else {
        int taken = Math.min(chunkLeft, buffer.remaining());
        body(buffer, taken);
        chunkLeft -= taken;
        inSize = chunkLeft == 0;
      }
    }
  }

  private void head(ByteBuffer buffer) {
    while (buffer.hasRemaining()) {
      head.append((char) (buffer.get() & 0xff));
      int at = head.length();
      if (at >= 4 && head.substring(at - 4).equals("\r\n\r\n")) {
        if (!head.toString().startsWith("HTTP/1.1 200")) {
          refused();
          return;
        }
        chunked = head.toString().toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked");
        inSize = true;
        sizeDigits = 0;
        chunkLeft = 0;
        state = State.OPENING;
        return;
      }
    }
  }

  private void refused() {
    tally.refusals++;
    Matcher after = RETRY_AFTER.matcher(head);
    long millis = after.find() ? Long.parseLong(after.group(1)) * 1_000 : retryMillis;
    disconnect();
    later(millis + fleet.random.nextInt(1_000));
  }

  private void chunkSize(byte b) throws IOException {
    int digit = Character.digit(b, 16);
    if (digit >= 0) {
      chunkLeft = chunkLeft * 16 + digit;
      sizeDigits++;
    } else if (b == '\n' && sizeDigits > 0) {
      sizeDigits = 0;
      inSize = false;
      if (chunkLeft == 0) {
        throw new IOException("the end");
      }
    }
  }

  private void body(ByteBuffer buffer, int count) {
    for (int i = 0; i < count && state != State.WAITING; i++) {
      byte b = buffer.get();
      if (b == '\n') {
        line();
        length = 0;
      } else {
        if (length == line.length) {
          line = Arrays.copyOf(line, length * 2);
        }
        line[length++] = b;
      }
    }
  }

  private void line() {
    if (length == 0) {
      frame();
      id = null;
      event = null;
      data = null;
      hasData = false;
      hash = 0;
    } else if (starts("id: ")) {
      id = text(4);
    } else if (starts("event: ")) {
      event = text(7);
    } else if (starts("retry: ")) {
      retryMillis = Long.parseLong(text(7));
    } else if (starts("data: ")) {
      hasData = true;
      for (int i = 6; i < length; i++) {
        hash = hash * 31 + line[i];
      }
      // Only the few control frames are worth a string.
      data = event == null ? null : text(6);
    }
  }

  private boolean starts(String prefix) {
    if (length < prefix.length()) {
      return false;
    }
    for (int i = 0; i < prefix.length(); i++) {
      if (line[i] != prefix.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private String text(int from) {
    return new String(line, from, length - from, StandardCharsets.UTF_8);
  }

  private void frame() {
    if (id == null) {
      return;
    }
    long offset = Long.parseLong(id.substring(id.indexOf('-') + 1));
    if (event == null) {
      if (hasData) {
        event(offset);
      }
    } else {
      control(offset);
    }
    lastId = id;
  }

  private void event(long offset) {
    tally.events++;
    if (offset > cursor + 1) {
      tally.gaps += offset - cursor - 1;
      fault("gap before " + id);
    } else if (offset <= cursor) {
      tally.repeats++;
      fault("repeat of " + id);
    }
    if (!fleet.isKnown(offset, hash == 0 ? 1 : hash)) {
      tally.differing++;
      fault("other bytes at " + id);
    }
    cursor = offset;
  }

  private void control(long offset) {
    switch (event) {
      case "hello" -> {
        tally.opened++;
        if (cursor < 0) {
          cursor = offset;
        }
        state = State.OPEN;
        fleet.settled();
      }
      case "reset" -> {
        tally.resets++;
        cursor = offset;
      }
      case "keepalive" -> {
        tally.keepalives++;
        standsAt(offset);
      }
      case "status" -> standsAt(offset);
      case "drain" -> {
        tally.drains++;
        standsAt(offset);
        Matcher delay = RECONNECT.matcher(data);
        drainMillis = delay.find() ? Long.parseLong(delay.group(1)) : -1;
        tally.toldMillis.add(drainMillis);
        drainedAtNanos = System.nanoTime();
      }
      default -> fault("unknown frame " + event);
    }
  }

  private void standsAt(long offset) {
    if (offset != cursor) {
      fault(event + " at " + id);
      tally.gaps++;
    }
  }

  private void fault(String what) {
    if (tally.firstFault.isEmpty()) {
      tally.firstFault = what + " after " + lastId + " (" + this + ")";
    }
  }

  /** The connection is over: not by us. */
  private void ended() {
    if (state == State.WAITING || state == State.LEFT) {
      return;
    }
    boolean drained = state == State.OPEN && drainMillis >= 0;
    disconnect();
    if (drained) {
      later(drainMillis);
    } else {
      tally.breaks++;
      // 50-100 %, as our browser client does.
      long base = Math.max(100, retryMillis);
      later(base / 2 + (long) (fleet.random.nextDouble() * (base / 2.0)));
    }
  }

  private void later(long millis) {
    fleet.openLater(this, millis);
  }

  private void disconnect() {
    boolean wasOpening = state == State.CONNECTING || state == State.HEAD || state == State.OPENING;
    state = State.WAITING;
    stalled = false;
    if (wasOpening) {
      fleet.settled();
    }
    try {
      if (channel != null) {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.close();
      }
    } catch (IOException e) {
      // It is closed already.
    }
  }

  void cut() {
    if (state == State.OPEN) {
      ended();
    }
  }

  void leave() {
    fleet.forgetTimer(this);
    disconnect();
    state = State.LEFT;
  }

  void stall() {
    stalled = true;
    key.interestOps(0);
  }

  void unstall() {
    if (stalled && key.isValid()) {
      key.interestOps(SelectionKey.OP_READ);
    }
    stalled = false;
  }

  @Override
  public String toString() {
    return state + " cursor=" + cursor + " lastId=" + lastId + (stalled ? " stalled" : "");
  }
}
