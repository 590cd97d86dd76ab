package io.samband.bench;

import io.samband.testing.Dechunker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/** One subscriber: reads its stream and tells the tally which events came. */
final class StreamReader implements Connection {
  enum State {
    CONNECTING,
    WAITING,
    OPEN,
    CLOSED
  }

  private static final int DONE = -1;
  private static final int LONGEST_MARKER = 64;

  final int type;
  final boolean stalled;
  State state = State.CONNECTING;
  int status;
  int position;

  private final SocketChannel channel;
  private final ByteBuffer request;
  private final LoadRun run;
  private ResponseHead head = new ResponseHead();
  private Dechunker dechunker;
  private byte[] carried = {};
  private int skip;

  StreamReader(LoadRun run, SocketChannel channel, byte[] request, int type, boolean stalled) {
    this.run = run;
    this.channel = channel;
    this.request = ByteBuffer.wrap(request);
    this.type = type;
    this.stalled = stalled;
  }

  @Override
  public void ready(SelectionKey key) {
    try {
      if (state == State.CONNECTING) {
        connect(key);
      } else {
        read();
      }
    } catch (IOException e) {
      close();
    }
  }

  private void connect(SelectionKey key) throws IOException {
    if (channel.finishConnect()) {
      channel.write(request);
      state = stalled ? State.OPEN : State.WAITING;
      key.interestOps(stalled ? 0 : SelectionKey.OP_READ);
    }
  }

  private void read() throws IOException {
    ByteBuffer input = run.input();
    int size = channel.read(input);
    if (size < 0) {
      close();
      return;
    }
    long now = LoadRun.now();
    byte[] bytes = run.bytes();
    int from = LoadRun.HEADROOM;
    if (state == State.WAITING) {
      int headSize = head.take(bytes, from, size);
      if (!head.isComplete()) {
        return;
      }
      open();
      from += headSize;
      size -= headSize;
    }
    if (state == State.OPEN) {
      content(bytes, from, size, now);
    }
  }

  private void open() {
    status = head.status();
    if (status != 200) {
      close();
      return;
    }
    dechunker = head.isChunked() ? new Dechunker() : null;
    head = null;
    state = State.OPEN;
    run.tally.opened(type);
  }

  private void content(byte[] bytes, int from, int size, long now) {
    int length = dechunker == null ? size : dechunker.dechunk(bytes, from, size);
    // What was carried over goes in front; there is room, and the head that stood there is read.
    int start = from - carried.length;
    System.arraycopy(carried, 0, bytes, start, carried.length);
    int rest = scan(bytes, start, from + length, now);
    int left = rest == DONE ? 0 : from + length - rest;
    carried = Arrays.copyOfRange(bytes, from + length - left, from + length);
    if (dechunker != null && dechunker.isEnd()) {
      close();
    }
  }

  /** Returns where a marker begins that is cut off, or {@link #DONE}. */
  private int scan(byte[] bytes, int start, int end, long now) {
    int at = start + Math.min(skip, end - start);
    skip -= at - start;
    while (at < end) {
      if (bytes[at] != '"') {
        at++;
        continue;
      }
      if (end - at < LONGEST_MARKER && couldBeMarker(bytes, at, end)) {
        return at;
      }
      int after = marker(bytes, at, end, now);
      if (after == at) {
        at++;
      } else {
        // The padding has no marker: half of the work of reading is not to look at it.
        int to = Math.min(end, after + run.padding());
        skip = after + run.padding() - to;
        at = to;
      }
    }
    return DONE;
  }

  /** Whether what is there of a marker is not all of it. */
  private static boolean couldBeMarker(byte[] bytes, int at, int end) {
    String start = "\"t\":";
    for (int i = 0; i < start.length() && at + i < end; i++) {
      if (bytes[at + i] != start.charAt(i)) {
        return false;
      }
    }
    for (int i = at; i < end; i++) {
      if (bytes[i] == 'p') {
        return false;
      }
    }
    return true;
  }

  /** Reads {@code "t":<nanos>,"n":<number>,"p} and returns where it ends, or where it would begin if it is none. */
  private int marker(byte[] bytes, int from, int end, long now) {
    if (end - from < 5 || bytes[from + 1] != 't' || bytes[from + 2] != '"') {
      return from;
    }
    long intended = 0;
    int at = from + 4;
    for (; at < end && bytes[at] >= '0' && bytes[at] <= '9'; at++) {
      intended = intended * 10 + (bytes[at] - '0');
    }
    at += 5;
    int event = 0;
    for (; at < end && bytes[at] >= '0' && bytes[at] <= '9'; at++) {
      event = event * 10 + (bytes[at] - '0');
    }
    position = run.tally.delivered(intended, event, position, now);
    return at;
  }

  @Override
  public void close() {
    if (state == State.OPEN && !stalled) {
      run.tally.closed(type);
    }
    state = State.CLOSED;
    try {
      channel.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }
}
