package io.samband.stream.fanout;

import io.samband.event.EventId;
import io.samband.log.LogHealth;
import io.samband.log.LogState;
import java.time.Instant;

/**
 * The control frames of one tick. Nearly all subscribers are at the same cursor, so the last frame of each kind is kept and
 * given to all of them.
 */
final class TickFrames {
  private final LogState log;
  private final LogHealth health;
  private final Instant now = Instant.now();
  private Batch keepalive;
  private Batch status;

  TickFrames(LogState log, LogHealth health) {
    this.log = log;
    this.health = health;
  }

  Batch keepalive(Subscriber subscriber) {
    if (subscriber.isHeld()) {
      EventId id = subscriber.currentId(log);
      return Batch.control(ControlFrames.keepalive(id, log.newest(), now), id);
    }
    long cursor = subscriber.currentCursor();
    if (keepalive == null || keepalive.through() != cursor) {
      EventId id = log.idAt(cursor);
      keepalive = Batch.control(ControlFrames.keepalive(id, log.newest(), now), id);
    }
    return keepalive;
  }

  Batch status(long cursor) {
    if (status == null || status.through() != cursor) {
      EventId id = log.idAt(cursor);
      status = Batch.control(ControlFrames.status(id, health), id);
    }
    return status;
  }

  /** For a subscriber that has waited so long for a page of a log that is written well, but cannot be read. */
  Batch unreadable(long cursor, long millis) {
    EventId id = log.idAt(cursor);
    LogHealth unreadable =
        new LogHealth(LogHealth.Status.FAILING, millis, "the event log cannot be read", 0, 0, 0, 0);
    return Batch.control(ControlFrames.status(id, unreadable), id);
  }
}
