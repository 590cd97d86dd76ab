package io.samband.stream;

import io.samband.log.TypeFilter;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.SseEventSink;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One open stream: a cursor in the log, an output and a few flags.
 *
 * <p>Everything that changes belongs to the one {@link FanOutWorker} that serves it, but for what its output and {@link #close()} call.
 */
final class Subscriber implements SseEventSink {
  /** What a subscriber waits for. */
  enum State {
    /** An event. */
    IDLE,
    /** The worker: there is more for it, and it can take more. */
    READY,
    /** Its client, to take what was written. */
    BLOCKED,
    /** The disk, for events that are older than the ring. */
    REPLAYING,
    CLOSED
  }

  /** Who it is, for logs and {@code GET /api/sse/connections}. */
  record Peer(long number, String address, String userAgent, Instant connectedAt) {}

  final Peer peer;
  final TypeFilter filter;
  final ControlFrames controls;

  // Everything below is the worker's.
  State state = State.BLOCKED;
  long cursor;
  Batch page;
  int idleIndex;
  long lastWriteNanos;
  long blockedSinceNanos;

  /** A keepalive has filled the output of one that is not blocked: nobody touches it until it is writable. */
  boolean isFull;

  long expiresNanos;
  long events;

  private StreamOutput output;
  private byte[] greeting;
  private volatile boolean closed;
  private volatile FanOutWorker worker;

  /**
   * @param cursor the offset that it is served after
   * @param greeting the frames that come before any event
   * @param expiresNanos when its life ends, in {@link System#nanoTime}
   */
  Subscriber(
      Peer peer,
      TypeFilter filter,
      ControlFrames controls,
      long cursor,
      byte[] greeting,
      long nowNanos,
      long expiresNanos) {
    this.peer = peer;
    this.filter = filter;
    this.controls = controls;
    this.cursor = cursor;
    this.greeting = greeting;
    this.lastWriteNanos = nowNanos;
    this.blockedSinceNanos = nowNanos;
    this.expiresNanos = expiresNanos;
  }

  void output(StreamOutput newOutput) {
    this.output = newOutput;
  }

  /** From now on this worker serves it. */
  void servedBy(FanOutWorker newWorker) {
    worker = newWorker;
    newWorker.register(this);
  }

  /** The output takes bytes: called by the container, in any thread. */
  void onWritable() {
    worker.writable(this);
  }

  /** The client is gone: called by the container, in any thread. */
  void onBroken(Throwable cause) {
    worker.end(this, EndReason.GONE, cause);
  }

  boolean isReady() throws IOException {
    return output.isReady();
  }

  boolean isGreeted() {
    return greeting == null;
  }

  /** Hands whole frames to the container, the greeting before the first. */
  void write(Batch batch, long nowNanos) throws IOException {
    Batch first = greeting == null ? batch : batch.after(greeting);
    greeting = null;
    output.write(first.bytes());
    cursor = batch.through();
    events += batch.events();
    lastWriteNanos = nowNanos;
  }

  /** Hands a control frame to the container, after the greeting. */
  void write(byte[] controlFrame, long nowNanos) throws IOException {
    if (greeting != null) {
      output.write(greeting);
      greeting = null;
    }
    output.write(controlFrame);
    lastWriteNanos = nowNanos;
  }

  void end() {
    state = State.CLOSED;
    closed = true;
    page = null;
    output.close();
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  /** Refused: what is not in the log could not be replayed, and would break the order. Publish instead. */
  @Override
  public CompletionStage<?> send(OutboundSseEvent event) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException(
        "an event for one subscriber is in no log and cannot be replayed; broadcast it"));
  }

  @Override
  public void close() {
    worker.end(this, EndReason.CLOSED, null);
  }
}
