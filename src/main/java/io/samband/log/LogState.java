package io.samband.log;

import io.samband.event.EventId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where a log stands: what it keeps and which cursors can be continued. An immutable value with pure functions.
 *
 * @param oldest the oldest offset that is kept, {@code newest + 1} if none is
 * @param newest the newest offset that was assigned, 0 if none was
 * @param gaps offsets from {@code oldest} to {@code newest} that have no event; in order, neither overlapping nor adjacent
 */
public record LogState(Epochs epochs, long oldest, long newest, List<Gap> gaps) {
  /** Brings any gaps in order, joins those that touch, and cuts off what is outside of the log. */
  public LogState {
    gaps = normalized(gaps, oldest, newest);
  }

  /** A log without gaps. */
  public LogState(Epochs epochs, long oldest, long newest) {
    this(epochs, oldest, newest, List.of());
  }

  private static List<Gap> normalized(List<Gap> gaps, long oldest, long newest) {
    if (gaps.isEmpty()) {
      return List.of();
    }
    List<Gap> sorted = new ArrayList<>(gaps);
    sorted.sort(Comparator.comparingLong(Gap::from));
    List<Gap> joined = new ArrayList<>(sorted.size());
    for (Gap gap : sorted) {
      long from = Math.max(gap.from(), oldest);
      long to = Math.min(gap.to(), newest);
      if (from > to) {
        continue;
      }
      Gap last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      if (last != null && from <= last.to() + 1) {
        joined.set(joined.size() - 1, new Gap(last.from(), Math.max(last.to(), to)));
      } else {
        joined.add(new Gap(from, to));
      }
    }
    return List.copyOf(joined);
  }

  public String epoch() {
    return epochs.current();
  }

  /** The position after the newest event. */
  public EventId newestId() {
    return idAt(newest);
  }

  /** A position of this log, named by the current epoch: a good cursor, in whichever epoch the offset was assigned. */
  public EventId idAt(long offset) {
    return new EventId(epoch(), offset);
  }

  /** The same log with more events. */
  public LogState appended(long newNewest) {
    return new LogState(epochs, oldest, newNewest, gaps);
  }

  /** The same log without the events before an offset. */
  public LogState trimmed(long newOldest) {
    return new LogState(epochs, Math.max(oldest, newOldest), newest, gaps);
  }

  /** The same log with one more gap, which may reach beyond the newest offset. */
  public LogState with(Gap gap) {
    List<Gap> more = new ArrayList<>(gaps);
    more.add(gap);
    return new LogState(epochs, oldest, Math.max(newest, gap.to()), more);
  }

  /** Whether this is the same log at a later time, so that every position of the earlier one is still good, or trimmed. */
  public boolean continues(LogState earlier) {
    OptionalLong last = epochs.lastOffset(earlier.epoch(), newest);
    return last.isPresent() && last.getAsLong() >= earlier.newest;
  }

  /** The first gap that ends after an offset, if there is one. */
  public Optional<Gap> gapAfter(long offset) {
    int low = 0;
    int high = gaps.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (gaps.get(middle).to() > offset) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low < gaps.size() ? Optional.of(gaps.get(low)) : Optional.empty();
  }

  /** How far a reader that stands at an offset can read on: up to the next gap, or to the newest event. */
  public long readableThrough(long after) {
    return gapAfter(after).map(gap -> gap.from() - 1).orElse(newest);
  }

  // The position from which something can be read: behind the gap, for a cursor just before it.
  private long skipGap(long cursor) {
    return gapAfter(cursor).filter(gap -> gap.contains(cursor + 1)).map(Gap::to).orElse(cursor);
  }

  /**
   * How to go on from a {@code Last-Event-ID}.
   *
   * @param lastEventId null or empty if there was none; anything else, even garbage, is a cursor
   */
  public Replay replay(String lastEventId) {
    if (lastEventId == null || lastEventId.isEmpty()) {
      return new Replay(Replay.Kind.NONE, newestId(), newest, null);
    }
    Optional<EventId> cursor = EventId.parse(lastEventId);
    if (cursor.isEmpty()) {
      return incomplete(EventId.UNKNOWN, Reset.Reason.UNKNOWN_EPOCH);
    }
    EventId id = cursor.get();
    var last = epochs.lastOffset(id.epoch(), newest);
    if (last.isEmpty()) {
      return incomplete(id, Reset.Reason.UNKNOWN_EPOCH);
    }
    if (id.offset() > last.getAsLong()) {
      return incomplete(id, Reset.Reason.AHEAD);
    }
    Reset reset = resetFor(id.offset());
    return reset == null
        ? new Replay(Replay.Kind.COMPLETE, id, id.offset(), null)
        : new Replay(Replay.Kind.INCOMPLETE, id, reset.id().offset(), reset);
  }

  /**
   * What must be announced to a reader that stands at an offset before it gets anything, or null if it can go on. Reading
   * goes on after the id of the reset.
   */
  public Reset resetFor(long cursor) {
    boolean trimmed = cursor < oldest - 1;
    long on = skipGap(trimmed ? oldest - 1 : cursor);
    if (on == cursor) {
      return null;
    }
    Reset.Reason reason = trimmed ? Reset.Reason.TRIMMED : Reset.Reason.LOST;
    return new Reset(reason, on - cursor, idAt(on));
  }

  private Replay incomplete(EventId helloId, Reset.Reason reason) {
    EventId on = idAt(skipGap(oldest - 1));
    return new Replay(Replay.Kind.INCOMPLETE, helloId, on.offset(), new Reset(reason, null, on));
  }
}
