package io.samband.stream.fanout;

import io.samband.event.EventId;
import io.samband.log.Skip;
import java.util.List;

/**
 * Whole frames in a row, to be written at once, and the cursor after them.
 *
 * <p>Immutable: a container may keep the bytes while a socket is full.
 */
final class Batch {
  /**
   * The size of a write, unless a single frame is larger. Small, because what a socket does not take stays in memory until
   * it does, once per blocked subscriber.
   */
  static final int MAX_BYTES = 32 * 1024;

  private static final byte[] NOTHING = {};

  private final byte[] bytes;
  private final int events;
  private final String epoch;
  private final long follows;
  private final long last;
  private final long through;

  private Batch(byte[] bytes, int events, String epoch, long follows, long last, long through) {
    this.bytes = bytes;
    this.events = events;
    this.epoch = epoch;
    this.follows = follows;
    this.last = last;
    this.through = through;
  }

  /** No frames: only the cursor moves. */
  static Batch nothing(long through) {
    return new Batch(NOTHING, 0, null, through, through, through);
  }

  /** One frame that is about the stream itself, for a subscriber at a cursor. */
  static Batch control(byte[] frame, EventId cursor) {
    long at = cursor.offset();
    return new Batch(frame, 0, cursor.epoch(), at, at, at);
  }

  /**
   * Joins frames.
   *
   * @param epoch names the position before the first frame
   * @param follows the offset of this position: a client must know of it before it gets the first frame
   * @param last the offset in the id of the last frame
   * @param through the cursor after this batch, past events too that are hidden after the last frame
   */
  static Batch of(
      List<byte[]> frames, int events, String epoch, long follows, long last, long through) {
    return new Batch(joined(frames), events, epoch, follows, last, through);
  }

  /** Whether a client that knows of the offsets up to one can get this as it is. */
  boolean continues(long announced) {
    return isEmpty() || announced >= follows;
  }

  /**
   * The same for a client that knows of the offsets up to one: if events are hidden between that and the first frame, a
   * {@code skip} says so.
   *
   * @param announced the offset in the id of the last frame that the client got
   */
  Batch after(long announced) {
    if (continues(announced)) {
      return this;
    }
    byte[] skip = ControlFrames.skip(epoch, new Skip(announced + 1, follows));
    return new Batch(joined(List.of(skip, bytes)), events, epoch, announced, last, through);
  }

  static byte[] joined(List<byte[]> frames) {
    int size = 0;
    for (byte[] frame : frames) {
      size += frame.length;
    }
    byte[] bytes = new byte[size];
    int at = 0;
    for (byte[] frame : frames) {
      System.arraycopy(frame, 0, bytes, at, frame.length);
      at += frame.length;
    }
    return bytes;
  }

  boolean isEmpty() {
    return bytes.length == 0;
  }

  byte[] bytes() {
    return bytes;
  }

  /** How many application events are in it. */
  int events() {
    return events;
  }

  /** The offset in the id of its last frame. */
  long last() {
    return last;
  }

  /** The cursor after this batch, past filtered events too. */
  long through() {
    return through;
  }
}
