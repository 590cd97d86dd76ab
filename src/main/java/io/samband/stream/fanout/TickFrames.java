package io.samband.stream.fanout;

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
  private byte[] keepalive;
  private long keepaliveCursor;
  private byte[] status;
  private long statusCursor;

  TickFrames(LogState log, LogHealth health) {
    this.log = log;
    this.health = health;
  }

  byte[] keepalive(long cursor) {
    if (keepalive == null || keepaliveCursor != cursor) {
      keepalive = ControlFrames.keepalive(log.idAt(cursor), log.newest(), now);
      keepaliveCursor = cursor;
    }
    return keepalive;
  }

  byte[] status(long cursor) {
    if (status == null || statusCursor != cursor) {
      status = ControlFrames.status(log.idAt(cursor), health);
      statusCursor = cursor;
    }
    return status;
  }

  /** For a subscriber that has waited so long for a page of a log that is written well, but cannot be read. */
  byte[] unreadable(long cursor, long millis) {
    return ControlFrames.status(
        log.idAt(cursor),
        new LogHealth(LogHealth.Status.FAILING, millis, "the event log cannot be read", 0, 0, 0));
  }
}
