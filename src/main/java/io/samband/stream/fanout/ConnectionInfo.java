package io.samband.stream.fanout;

import io.samband.event.Timestamps;
import io.samband.log.LogState;
import java.time.Instant;
import java.util.List;

/**
 * One open stream as {@code GET /api/sse/connections} shows it.
 *
 * @param id the number of the subscriber in the log lines
 * @param user null for nobody in particular
 * @param cursor the id of the last event that was written to it, or of a later one that its filter leaves out
 * @param lag how many events of the log are after the cursor
 * @param state {@code idle}, {@code ready}, {@code blocked} by its client, or {@code replaying} from the disk
 * @param types empty means all
 */
public record ConnectionInfo(
    long id,
    String user,
    String connectedAt,
    String address,
    String userAgent,
    String cursor,
    long lag,
    String lastWriteAt,
    String state,
    List<String> types) {

  public ConnectionInfo {
    types = List.copyOf(types);
  }

  /** The fields of a subscriber that change, as its worker read them: cheap to take, formatted by the asking thread. */
  record Snapshot(Subscriber subscriber, SubscriberState state, long cursor, long lastWriteNanos) {
    static Snapshot of(Subscriber subscriber) {
      return new Snapshot(
          subscriber, subscriber.state, subscriber.currentCursor(), subscriber.lastWriteNanos);
    }

    /**
     * @param nanos the time of {@link System#nanoTime} at {@code now}
     */
    ConnectionInfo format(LogState log, long nanos, Instant now) {
      Subscriber.Peer peer = subscriber.peer;
      return new ConnectionInfo(
          peer.number(),
          subscriber.owner().user(),
          Timestamps.format(peer.connectedAt()),
          peer.address(),
          peer.userAgent(),
          (subscriber.isHeld() ? subscriber.currentId(log) : log.idAt(cursor)).toString(),
          Math.max(0, log.newest() - cursor),
          Timestamps.format(now.minusNanos(nanos - lastWriteNanos)),
          state.wireName(),
          subscriber.filter.types().stream().sorted().toList());
    }
  }
}
