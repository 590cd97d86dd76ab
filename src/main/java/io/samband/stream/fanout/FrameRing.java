package io.samband.stream.fanout;

import io.samband.log.EventFilter;
import io.samband.log.LoggedEvent;
import java.util.ArrayList;
import java.util.List;

/**
 * The newest frames of the log, contiguous by offset and bounded by bytes: the oldest are dropped when new ones come.
 *
 * <p>Thread-safe. The lock is held for copying references only, never for encoding, filtering or copying bytes: the thread
 * that appends must not wait for readers.
 */
final class FrameRing {
  /** How many frames a reader looks at without having the lock. */
  private static final int SCAN = 256;

  /** Where a reader stops that has found nothing: others are to be served in between. */
  private static final int MAX_SCAN = 16 * SCAN;

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
   * Follows the log. Called by one thread at a time.
   *
   * @param events in order; if they do not continue what is here, or are none although the log has grown, there is a gap and
   *     the ring starts anew after it
   */
  void advance(List<LoggedEvent> events, long newNewest) {
    Frame[] encoded = new Frame[events.size()];
    for (int i = 0; i < encoded.length; i++) {
      encoded[i] = Frame.of(events.get(i));
    }
    synchronized (this) {
      for (int i = 0; i < encoded.length; i++) {
        long offset = events.get(i).offset();
        if (offset != newest + 1) {
          clear();
        }
        add(encoded[i]);
        newest = offset;
      }
      if (newest != newNewest) {
        clear();
        newest = newNewest;
      }
    }
  }

  /** Forgets all frames: what comes next continues a log that is not the one that they are of. */
  synchronized void restart(long newNewest) {
    clear();
    newest = newNewest;
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
   * The frames after an offset that a filter takes. The scan is bounded, so there may be none although there is more: the
   * cursor of the window says how far the scan went.
   *
   * @param maxBatchBytes where to stop, once there is one frame
   * @return null if the ring does not reach back so far, but the log does
   */
  Window after(long offset, EventFilter filter, int maxBatchBytes) {
    List<Frame> taken = new ArrayList<>();
    int length = 0;
    long through = offset;
    long last = offset;
    while (through - offset < MAX_SCAN) {
      Frame[] next = copy(through);
      if (next == null && through == offset) {
        return null;
      }
      if (next == null || next.length == 0) {
        // What follows was dropped meanwhile, which the next call finds; or there is no more.
        break;
      }
      for (Frame frame : next) {
        if (filter.takes(frame.header())) {
          int more = frame.bytes().length + (last < through ? ControlFrames.SKIP_BYTES : 0);
          if (!taken.isEmpty() && length + more > maxBatchBytes) {
            return new Window(offset, null, taken, through);
          }
          taken.add(frame);
          length += more;
          last = frame.offset();
        }
        through++;
      }
    }
    return new Window(offset, null, taken, through);
  }

  /** The next frames after an offset, or null if the first of them is no longer here. */
  private synchronized Frame[] copy(long offset) {
    long oldest = newest - size + 1;
    if (offset < oldest - 1) {
      return null;
    }
    Frame[] copy = new Frame[(int) Math.max(0, Math.min(SCAN, newest - offset))];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = frames[(int) ((first + (offset + 1 - oldest) + i) & (frames.length - 1))];
    }
    return copy;
  }
}
