package io.samband.stream.fanout;

import io.samband.log.EventFilter;
import io.samband.log.Reset;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A part of the log as frames, for subscribers that take the same types. It makes the batch of each from the frames whose
 * audience it is in; those that see the same and were told of the same share one batch.
 *
 * <p>While no frame has an audience, nothing is looked up for a subscriber. Used by one thread at a time.
 */
final class Window {
  /** Of all shared batches of one window. What does not fit is put together again for each subscriber. */
  static final int MAX_SHARED_BYTES = 4 << 20;

  /** What a shared batch takes beside its bytes, roughly. */
  private static final int ENTRY_BYTES = 256;

  /** A batch for clients that know of the offsets up to one. */
  private record Told(Batch batch, long announced) {}

  private final long after;
  private final Reset reset;
  private final List<Frame> frames;
  private final long through;
  private final boolean addressed;
  private final Map<BitSet, Batch> byVisible = new HashMap<>();
  private final Map<Told, Batch> byTold = new HashMap<>();
  private int sharedBytes;

  // Made when they are needed first.
  private Batch whole;
  private AudienceIndex index;

  /**
   * @param after the offset after which the log was read
   * @param reset what comes before the frames, or null
   * @param frames in order; not copied
   * @param through the cursor after this window
   */
  Window(long after, Reset reset, List<Frame> frames, long through) {
    this.after = after;
    this.reset = reset;
    this.frames = frames;
    this.through = through;
    this.addressed = isAnyAddressed(frames);
  }

  private static boolean isAnyAddressed(List<Frame> frames) {
    for (Frame frame : frames) {
      if (!frame.header().audience().isEverybody()) {
        return true;
      }
    }
    return false;
  }

  /** Whether nobody gets anything of it: only the cursor moves. */
  boolean isEmpty() {
    return frames.isEmpty() && reset == null;
  }

  /** The cursor after this window. */
  long through() {
    return through;
  }

  /** All frames: for a subscriber whose own filter the window was read with. */
  Batch whole() {
    if (whole == null) {
      BatchBuilder batch = begin();
      frames.forEach(batch::add);
      whole = batch.build(through);
    }
    return whole;
  }

  private BatchBuilder begin() {
    BatchBuilder batch = new BatchBuilder(after);
    if (reset != null) {
      batch.add(reset);
    }
    return batch;
  }

  /**
   * What a subscriber gets that takes the types of this window; empty if nothing of it is for this subscriber.
   *
   * @param announced the offset in the id of the last frame that the subscriber got
   */
  Batch of(EventFilter filter, long announced) {
    Batch seen = addressed && filter.attributes() != null ? seenBy(filter) : whole();
    return seen.continues(announced) ? seen : told(seen, announced);
  }

  private Batch seenBy(EventFilter filter) {
    if (index == null) {
      index = new AudienceIndex(frames);
    }
    BitSet visible = index.visibleTo(filter);
    Batch shared = byVisible.get(visible);
    if (shared != null) {
      return shared;
    }
    BatchBuilder batch = begin();
    visible.stream().forEach(i -> batch.add(frames.get(i)));
    Batch made = batch.build(through);
    if (fits(made)) {
      byVisible.put((BitSet) visible.clone(), made);
    }
    return made;
  }

  private Batch told(Batch seen, long announced) {
    Told key = new Told(seen, announced);
    Batch shared = byTold.get(key);
    if (shared != null) {
      return shared;
    }
    Batch made = seen.after(announced);
    if (fits(made)) {
      byTold.put(key, made);
    }
    return made;
  }

  private boolean fits(Batch batch) {
    int more = batch.bytes().length + ENTRY_BYTES;
    if (sharedBytes + more > MAX_SHARED_BYTES) {
      return false;
    }
    sharedBytes += more;
    return true;
  }
}
