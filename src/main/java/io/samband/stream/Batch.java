package io.samband.stream;

import java.io.ByteArrayOutputStream;
import java.util.List;

/**
 * Whole frames in a row, to be written at once, and the cursor after them.
 *
 * <p>The bytes are an array of their own and never change: a container may hold on to them while a socket is full.
 */
final class Batch {
  private static final byte[] NOTHING = {};

  private final byte[] bytes;
  private final int events;
  private final long through;

  private Batch(byte[] bytes, int events, long through) {
    this.bytes = bytes;
    this.events = events;
    this.through = through;
  }

  static Batch of(List<byte[]> frames, int events, int size, long through) {
    if (frames.isEmpty()) {
      return new Batch(NOTHING, 0, through);
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

  /** The offset that whoever was given this stands at, filtered events included. */
  long through() {
    return through;
  }
}
