package io.samband.log;

import io.samband.event.EventId;
import java.util.Optional;

/**
 * Where a log stands: what it keeps and which cursors it can continue. Immutable; decides, and does nothing.
 *
 * @param oldest the oldest offset that is kept, {@code newest + 1} if none is
 * @param newest the newest offset that was assigned, 0 if none was
 * @param lostThrough the last offset that was assigned to a lost event, 0 if none was
 */
public record LogState(Epochs epochs, long oldest, long newest, long lostThrough) {
  public String epoch() {
    return epochs.current();
  }

  /** The position after the newest event. */
  public EventId newestId() {
    return idAt(newest);
  }

  /** A position of this log, named by the current epoch: good as a cursor, whoever assigned the offset. */
  public EventId idAt(long offset) {
    return new EventId(epoch(), offset);
  }

  LogState appended(long newNewest) {
    return new LogState(epochs, oldest, newNewest, lostThrough);
  }

  LogState trimmed(long newOldest) {
    return new LogState(epochs, Math.max(oldest, newOldest), newest, lostThrough);
  }

  // A loss trims the log up to and including itself: so that no cursor can be continued across it,
  // by one rule.
  LogState lost(long through) {
    return new LogState(epochs, through + 1, through, through);
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
      return incomplete(EventId.UNKNOWN, Reset.Reason.UNKNOWN_EPOCH, null);
    }
    EventId id = cursor.get();
    var last = epochs.lastOffset(id.epoch(), newest);
    if (last.isEmpty()) {
      return incomplete(id, Reset.Reason.UNKNOWN_EPOCH, null);
    }
    if (id.offset() > last.getAsLong()) {
      return incomplete(id, Reset.Reason.AHEAD, null);
    }
    Reset reset = resetFor(id.offset());
    return reset == null
        ? new Replay(Replay.Kind.COMPLETE, id, id.offset(), null)
        : incomplete(id, reset.reason(), reset.missed());
  }

  /** What must be announced to a reader of this log that stands at an offset, or null if it can simply go on. */
  public Reset resetFor(long cursor) {
    if (cursor >= oldest - 1) {
      return null;
    }
    Reset.Reason reason = cursor < lostThrough ? Reset.Reason.LOST : Reset.Reason.TRIMMED;
    return new Reset(reason, oldest - 1 - cursor, idAt(oldest - 1));
  }

  private Replay incomplete(EventId helloId, Reset.Reason reason, Long missed) {
    Reset reset = new Reset(reason, missed, idAt(oldest - 1));
    return new Replay(Replay.Kind.INCOMPLETE, helloId, oldest - 1, reset);
  }
}
