package io.samband.outbox;

import io.samband.event.EventId;
import io.samband.event.PublishOutcome;
import io.samband.log.Entry;
import io.samband.log.EventLog;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;

/**
 * One round: from the table into the log. All in one transaction, which holds the lock of the relays: the rows are gone when
 * it commits, and that is after the log has made them durable. If anything goes wrong in between they are appended again, and
 * by their keys the log has each once.
 */
final class RelayWork {
  private static final int MAX_ROWS = 500;
  private static final long MAX_BYTES = 4 << 20;

  private final OutboxTable table;
  private final EventLog log;

  RelayWork(OutboxTable table, EventLog log) {
    this.table = table;
    this.log = log;
  }

  Round round(Connection connection) throws SQLException {
    if (!table.lock(connection)) {
      if (OutboxSchema.hasLockRow(connection)) {
        return Round.BUSY;
      }
      // Somebody has emptied the tables while nodes run. Who adds the row has the lock.
      OutboxSchema.addLockRow(connection);
    }
    List<OutboxTable.Row> rows = table.oldest(connection, MAX_ROWS, MAX_BYTES);
    if (rows.isEmpty()) {
      return Round.EMPTY;
    }
    PublishOutcome outcome = append(rows.stream().map(OutboxTable.Row::entry).toList());
    return outcome instanceof PublishOutcome.Durable durable
        ? remove(connection, rows, durable.ids())
        : Round.refused("the log has not stored the events: " + outcome);
  }

  // The log has the only time limit, and keeps it.
  private PublishOutcome append(List<Entry> entries) {
    try {
      return log.appendNow(entries).toCompletableFuture().join();
    } catch (CompletionException e) {
      return new PublishOutcome.Unknown("an error of the event log: " + e);
    }
  }

  private Round remove(Connection connection, List<OutboxTable.Row> rows, List<EventId> ids)
      throws SQLException {
    List<OutboxTable.Row> stored = new ArrayList<>();
    String problem = null;
    for (int i = 0; i < rows.size(); i++) {
      if (ids.get(i).equals(EventId.UNKNOWN)) {
        problem = "the key of row " + rows.get(i).id() + " belongs to another event in the log";
      } else {
        stored.add(rows.get(i));
      }
    }
    table.delete(connection, stored);
    if (problem != null) {
      return new Round(stored.size(), Round.Next.BACK_OFF, problem);
    }
    long bytes = rows.stream().mapToLong(row -> row.entry().json().length).sum();
    boolean cut = rows.size() == MAX_ROWS || bytes >= MAX_BYTES;
    return new Round(stored.size(), cut ? Round.Next.GO_ON : Round.Next.WAIT, null);
  }
}
