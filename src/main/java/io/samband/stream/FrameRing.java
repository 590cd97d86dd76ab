package io.samband.stream;

import io.samband.log.LoggedEvent;
import io.samband.log.TypeFilter;
import java.util.ArrayList;
import java.util.List;

/**
 * The newest frames of the log, contiguous by offset, bounded by bytes; the oldest makes room for the newest.
 *
 * <p>Any thread may read while one adds: each holds the lock for a copy of a few kilobytes at the most. What is read is a
 * copy made once for all subscribers that stand at the same offset, so that nothing can be overwritten under a write.
 */
final class FrameRing {
  private final int maxBytes;
  // By position, because a subscriber that is behind starts in the middle.
  private Frame[] frames = new Frame[1024];
  private int first;
  private int size;
  private long bytes;
  private long newest;

  FrameRing(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * Follows the log.
   *
   * @param events in order; empty, or not continuing what is here, after a loss: then the ring starts anew
   */
  synchronized void advance(List<LoggedEvent> events, long newNewest) {
    for (LoggedEvent event : events) {
      if (event.offset() != newest + 1) {
        clear();
      }
      add(Frame.of(event));
      newest = event.offset();
    }
    if (newest != newNewest) {
      clear();
      newest = newNewest;
    }
  }

  private void add(Frame frame) {
    if (size == frames.length) {
      grow();
    }
    frames[(first + size) & (frames.length - 1)] = frame;
    size++;
    bytes += frame.bytes().length;
    while (bytes > maxBytes && size > 1) {
      bytes -= frames[first].bytes().length;
      frames[first] = null;
      first = (first + 1) & (frames.length - 1);
      size--;
    }
  }

  private void grow() {
    Frame[] larger = new Frame[frames.length * 2];
    for (int i = 0; i < size; i++) {
      larger[i] = frames[(first + i) & (frames.length - 1)];
    }
    frames = larger;
    first = 0;
  }

  private void clear() {
    frames = new Frame[1024];
    first = 0;
    size = 0;
    bytes = 0;
  }

  /** The newest offset of the log, as far as the ring was told. */
  synchronized long newest() {
    return newest;
  }

  /**
   * The frames after an offset that a filter takes, as one batch.
   *
   * @param maxBatchBytes where to stop, once there is one frame
   * @return null if the ring does not reach back so far: the log does
   */
  synchronized Batch after(long offset, TypeFilter filter, int maxBatchBytes) {
    long oldest = newest - size + 1;
    if (offset < oldest - 1) {
      return null;
    }
    List<byte[]> taken = new ArrayList<>();
    int length = 0;
    long through = Math.max(offset, newest);
    for (long next = offset + 1; next <= newest; next++) {
      Frame frame = frames[(int) ((first + (next - oldest)) & (frames.length - 1))];
      if (!filter.takes(frame.type())) {
        continue;
      }
      if (!taken.isEmpty() && length + frame.bytes().length > maxBatchBytes) {
        through = next - 1;
        break;
      }
      taken.add(frame.bytes());
      length += frame.bytes().length;
    }
    return Batch.of(taken, taken.size(), length, through);
  }
}
