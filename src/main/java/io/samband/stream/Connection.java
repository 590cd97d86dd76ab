package io.samband.stream;

import io.samband.event.EventId;
import io.samband.event.Timestamps;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * Who is connected, as {@code GET /api/sse/connections} shows it.
 *
 * @param cursor the id of the last event that was written to it, or of one that it does not take
 * @param lag how many events of the log are after the cursor
 * @param state {@code idle}, {@code ready}, {@code blocked} by its client, or {@code replaying} from the disk
 * @param types empty means all
 */
public record Connection(
    long number,
    String connectedAt,
    String address,
    String userAgent,
    String cursor,
    long lag,
    String lastWriteAt,
    String state,
    List<String> types) {

  public Connection {
    types = List.copyOf(types);
  }

  static Connection of(Subscriber subscriber, EventId cursor, long lag, Instant lastWriteAt) {
    var peer = subscriber.peer;
    return new Connection(
        peer.number(),
        Timestamps.format(peer.connectedAt()),
        peer.address(),
        peer.userAgent(),
        cursor.toString(),
        lag,
        Timestamps.format(lastWriteAt),
        subscriber.state.name().toLowerCase(Locale.ROOT),
        subscriber.filter.types().stream().sorted().toList());
  }
}
