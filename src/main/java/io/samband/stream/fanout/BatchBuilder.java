package io.samband.stream.fanout;

import io.samband.log.Reset;
import io.samband.log.Skip;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts the frames of one batch together. Between two of them it says which events are hidden; what is hidden before the first
 * depends on the subscriber, and is said by {@link Batch#after}.
 */
final class BatchBuilder {
  private final List<byte[]> frames = new ArrayList<>();
  private int events;

  /** Null before the first frame. */
  private String epoch;

  private long follows;
  private long last;

  /**
   * @param after the offset after which the log was read
   */
  BatchBuilder(long after) {
    this.last = after;
  }

  void add(Reset reset) {
    // What a reset counts as missed begins where the log was read, so a skip must reach up to
    // there.
    goOn(reset.id().epoch(), last);
    frames.add(ControlFrames.reset(reset));
    last = reset.id().offset();
  }

  void add(Frame frame) {
    goOn(frame.epoch(), frame.offset() - 1);
    frames.add(frame.bytes());
    last = frame.offset();
    events++;
  }

  // The id of a skip is named by the epoch of the frame after it: a good cursor, because an epoch
  // begins where the one before it ends.
  private void goOn(String nextEpoch, long before) {
    if (epoch == null) {
      epoch = nextEpoch;
      follows = before;
    } else if (last < before) {
      frames.add(ControlFrames.skip(nextEpoch, new Skip(last + 1, before)));
    }
  }

  Batch build(long through) {
    return epoch == null
        ? Batch.nothing(through)
        : Batch.of(frames, events, epoch, follows, last, through);
  }
}
