package io.samband.stream.fanout;

import io.samband.event.EventId;
import io.samband.log.EventFilter;
import io.samband.log.LogHealth;
import io.samband.log.LogState;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * One open stream: a cursor in the log and an output.
 *
 * <p>All fields that change belong to the {@link FanOutWorker} that serves it. The public methods may be called by any thread.
 */
public class Subscriber {
  /**
   * The client's side, for the log and {@code GET /api/sse/connections}.
   *
   * @param number counts the streams since the start
   */
  public record Peer(long number, String address, String userAgent, Instant connectedAt) {}

  final Peer peer;
  private final Owner owner;
  private final long firstCursor;
  final EventFilter filter;
  final long expiresNanos;

  // Changed by Transitions only.
  SubscriberState state = SubscriberState.BLOCKED;
  long blockedSinceNanos;
  long pageAskedNanos;

  /** While it is idle, its group's cursor counts instead. */
  long cursor;

  /** The offset in the id of the last frame that it got: behind the cursor while what came since is hidden from it. */
  long announced;

  SubscriberGroup group;
  int indexInGroup;

  /** Whether it is in the queue of those that are served in turns. */
  boolean isQueued;

  Batch page;

  /** The last status of the log that its client was told. */
  LogHealth.Status told;

  final long registeredNanos;
  long lastWriteNanos;
  long events;

  /** The id that it came with, if it could not be found out whether that is one of the log; else null. */
  private EventId heldAt;

  private StreamOutput output;
  private byte[] greeting;
  private volatile boolean closed;
  private volatile FanOutWorker worker;

  /**
   * @param owner whose stream it is
   * @param cursor the offset after which it is served
   * @param greeting the frames that come before any event; the last id in them is that of the cursor
   * @param told the status of the log that the greeting tells
   * @param lifetime after which the stream is ended
   */
  protected Subscriber(
      Peer peer,
      Owner owner,
      EventFilter filter,
      long cursor,
      byte[] greeting,
      LogHealth.Status told,
      Duration lifetime) {
    this.peer = peer;
    this.owner = owner;
    this.firstCursor = cursor;
    this.filter = filter;
    this.cursor = cursor;
    this.announced = cursor;
    this.greeting = greeting;
    this.told = told;
    this.registeredNanos = System.nanoTime();
    this.lastWriteNanos = registeredNanos;
    this.blockedSinceNanos = lastWriteNanos;
    this.expiresNanos = lastWriteNanos + lifetime.toNanos();
  }

  public Peer peer() {
    return peer;
  }

  public Owner owner() {
    return owner;
  }

  public EventFilter filter() {
    return filter;
  }

  /** The offset after which it was served from the beginning. */
  public long firstCursor() {
    return firstCursor;
  }

  /** The offset of the last event that was written to it, or left out. Only after its end. */
  public long lastCursor() {
    return cursor;
  }

  /** How many events were written to it. Only after its end. */
  public long events() {
    return events;
  }

  /** Sets where its bytes go; before it is registered. */
  public void output(StreamOutput newOutput) {
    this.output = newOutput;
  }

  /**
   * It gets no events: whether the log has its cursor is not known at the moment. Before it is registered; the offset of the id is
   * its cursor.
   */
  public void holdAt(EventId id) {
    this.heldAt = id;
  }

  boolean isHeld() {
    return heldAt != null;
  }

  /** The id of where it stands, for its frames. */
  EventId currentId(LogState log) {
    return heldAt == null ? log.idAt(currentCursor()) : heldAt;
  }

  /** From now on this worker serves it. */
  void servedBy(FanOutWorker newWorker) {
    worker = newWorker;
    newWorker.register(this);
  }

  /** The output takes bytes. */
  public void onWritable() {
    FanOutWorker serving = worker;
    if (serving != null) {
      serving.writable(this);
    }
  }

  /** The client is gone. */
  public void onBroken(Throwable cause) {
    end(EndReason.GONE, cause);
  }

  /** Ends the stream; the client is not told. */
  public void close() {
    end(EndReason.CLOSED, null);
  }

  /** Ends the stream; the client is told why and when to come back, if its output takes bytes. */
  void drain(EndReason reason, long reconnectMillis) {
    FanOutWorker serving = worker;
    if (serving != null) {
      serving.drain(this, reason, reconnectMillis);
    }
  }

  private void end(EndReason reason, Throwable cause) {
    FanOutWorker serving = worker;
    // Before it is registered there is nothing to end: its first write will fail.
    if (serving != null) {
      serving.end(this, reason, cause);
    }
  }

  public boolean isClosed() {
    return closed;
  }

  boolean isReady() throws IOException {
    return output.isReady();
  }

  /** Where it stands: a member of a group stands where the group does. */
  long currentCursor() {
    return group == null ? cursor : group.cursor;
  }

  /** Whether it or its group waits for a page of the log. */
  boolean waitsForPage() {
    return group == null ? state.isReplaying() : group.replaying;
  }

  /** Since when, if it does. */
  long pageAskedNanos() {
    return group == null ? pageAskedNanos : group.pageAskedNanos;
  }

  boolean isGreeted() {
    return greeting == null;
  }

  /** Hands whole frames to the container in one write: before them the greeting, once, and the {@code skip} that is due. */
  void write(Batch batch, long nowNanos) throws IOException {
    byte[] bytes = batch.after(announced).bytes();
    output.write(greeting == null ? bytes : Batch.joined(List.of(greeting, bytes)));
    greeting = null;
    cursor = batch.through();
    if (!batch.isEmpty()) {
      announced = batch.last();
    }
    events += batch.events();
    lastWriteNanos = nowNanos;
  }

  /** Ends the response. */
  void release() {
    closed = true;
    page = null;
    output.close();
  }
}
