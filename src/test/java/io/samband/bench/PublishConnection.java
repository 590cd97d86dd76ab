package io.samband.bench;

import io.samband.testing.Dechunker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** One connection that publishes events, one at a time; it is opened again when it breaks. */
final class PublishConnection implements Connection {
  private enum State {
    CLOSED,
    CONNECTING,
    IDLE,
    SENDING,
    WAITING
  }

  private final LoadRun run;
  private State state = State.CLOSED;
  private SocketChannel channel;
  private SelectionKey key;
  private ByteBuffer request;
  private ResponseHead head;
  private Dechunker dechunker;
  private long left;
  private long sentNanos;

  PublishConnection(LoadRun run) {
    this.run = run;
  }

  boolean isIdle() {
    return state == State.IDLE;
  }

  /** Whether an event is on its way and not answered. */
  boolean isBusy() {
    return state == State.SENDING || state == State.WAITING;
  }

  void openIfClosed() throws IOException {
    if (state == State.CLOSED) {
      channel = run.connect(0);
      key = channel.register(run.selector, SelectionKey.OP_CONNECT, this);
      state = State.CONNECTING;
    }
  }

  void publish(String event) {
    byte[] body = event.getBytes(StandardCharsets.ISO_8859_1);
    String requestHead = "POST " + run.target.publishPath() + " HTTP/1.1\r\nHost: 127.0.0.1:"
        + run.target.port() + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length
        + "\r\n" + run.target.headers().apply(Target.PUBLISHER) + "\r\n";
    byte[] headBytes = requestHead.getBytes(StandardCharsets.ISO_8859_1);
    request = ByteBuffer.allocate(headBytes.length + body.length)
        .put(headBytes)
        .put(body)
        .flip();
    head = new ResponseHead();
    sentNanos = LoadRun.now();
    state = State.SENDING;
    ready(key);
  }

  @Override
  public void ready(SelectionKey ignored) {
    try {
      switch (state) {
        case CONNECTING -> connect();
        case SENDING -> send();
        case WAITING -> receive();
        // Nothing is expected: the server has closed it.
        default -> close();
      }
    } catch (IOException e) {
      close();
    }
  }

  private void connect() throws IOException {
    if (channel.finishConnect()) {
      state = State.IDLE;
      key.interestOps(SelectionKey.OP_READ);
    }
  }

  private void send() throws IOException {
    channel.write(request);
    if (request.hasRemaining()) {
      key.interestOps(SelectionKey.OP_WRITE);
    } else {
      state = State.WAITING;
      key.interestOps(SelectionKey.OP_READ);
    }
  }

  private void receive() throws IOException {
    ByteBuffer input = run.input();
    int size = channel.read(input);
    if (size < 0) {
      close();
      return;
    }
    int from = LoadRun.HEADROOM;
    if (!head.isComplete()) {
      int headSize = head.take(run.bytes(), from, size);
      if (!head.isComplete()) {
        return;
      }
      from += headSize;
      size -= headSize;
      dechunker = head.isChunked() ? new Dechunker() : null;
      left = head.contentLength();
    }
    left -= size;
    if (dechunker != null) {
      dechunker.dechunk(run.bytes(), from, size);
    }
    if (dechunker == null ? left <= 0 : dechunker.isEnd()) {
      answered();
    }
  }

  private void answered() {
    run.tally.publish.add(LoadRun.now() - sentNanos);
    if (head.status() / 100 == 2) {
      run.tally.acknowledged++;
    } else {
      run.tally.publishFailures++;
    }
    state = State.IDLE;
    if (head.isLast()) {
      close();
    }
  }

  @Override
  public void close() {
    if (isBusy()) {
      run.tally.publishFailures++;
    }
    state = State.CLOSED;
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // It is gone either way.
    }
  }
}
