package io.samband.stream.fanout;

import java.io.ByteArrayOutputStream;
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
  private final long through;

  private Batch(byte[] bytes, int events, long through) {
    this.bytes = bytes;
    this.events = events;
    this.through = through;
  }

  /** No frames: only the cursor moves. */
  static Batch nothing(long through) {
    return new Batch(NOTHING, 0, through);
  }

  static Batch of(List<byte[]> frames, int events, int size, long through) {
    if (frames.isEmpty()) {
      return nothing(through);
    }
    byte[] bytes = new byte[size];
    int at = 0;
    for (byte[] frame : frames) {
      System.arraycopy(frame, 0, bytes, at, frame.length);
      at += frame.length;
    }
    return new Batch(bytes, events, through);
  }

  /** The same, with a control frame in front. */
  Batch after(byte[] controlFrame) {
    var joined = new ByteArrayOutputStream(controlFrame.length + bytes.length);
    joined.writeBytes(controlFrame);
    joined.writeBytes(bytes);
    return new Batch(joined.toByteArray(), events, through);
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

  /** The cursor after this batch, past filtered events too. */
  long through() {
    return through;
  }
}
