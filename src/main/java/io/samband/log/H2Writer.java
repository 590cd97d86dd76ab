package io.samband.log;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** All that changes the file, by its one thread; each change is a commit of its own. */
final class H2Writer {
  private static final System.Logger LOG = System.getLogger(H2Writer.class.getName());

  private final Connection connection;
  private final boolean sync;
  private PreparedStatement insertEvent;
  private PreparedStatement insertKey;
  private long totalBytes;
  private boolean unflushed;

  H2Writer(Connection connection, boolean sync) {
    this.connection = connection;
    this.sync = sync;
  }

  LogState begin() throws SQLException {
    connection.setAutoCommit(false);
    LogState state = H2Tables.open(connection);
    insertEvent = connection.prepareStatement("INSERT INTO event VALUES (?, ?, ?, ?, ?)");
    insertKey = connection.prepareStatement("INSERT INTO publication VALUES (?, ?, ?)");
    totalBytes = number("SELECT total_bytes FROM event WHERE event_offset = ?", state.newest(), 0);
    commit();
    return state;
  }

  void append(long firstOffset, List<Store.Entry> entries) throws SQLException {
    long now = System.currentTimeMillis();
    long total = totalBytes;
    long offset = firstOffset;
    boolean keyed = false;
    for (Store.Entry entry : entries) {
      total += entry.json().length;
      insertEvent.setLong(1, offset);
      insertEvent.setString(2, entry.type());
      insertEvent.setBytes(3, entry.json());
      insertEvent.setLong(4, total);
      insertEvent.setLong(5, now);
      insertEvent.addBatch();
      if (entry.key() != null) {
        insertKey.setString(1, entry.key().value());
        insertKey.setString(2, entry.key().bodyHash());
        insertKey.setLong(3, offset);
        insertKey.addBatch();
        keyed = true;
      }
      offset++;
    }
    insertEvent.executeBatch();
    if (keyed) {
      insertKey.executeBatch();
    }
    commit();
    totalBytes = total;
  }

  void lose(Gap gap) throws SQLException {
    update("INSERT INTO gap VALUES (" + gap.from() + ", " + gap.to() + ")");
    commit();
  }

  Optional<Store.Remembered> find(IdempotencyKey key) throws SQLException {
    try (var query = connection.prepareStatement(
        "SELECT event_offset, body_hash FROM publication WHERE idempotency_key = ?")) {
      query.setString(1, key.value());
      try (ResultSet rows = query.executeQuery()) {
        return rows.next()
            ? Optional.of(new Store.Remembered(rows.getLong(1), rows.getString(2)))
            : Optional.empty();
      }
    }
  }

  long trimTarget(LogState state, Retention retention, long nowMillis) throws SQLException {
    long gone = state.oldest() - 1;
    long byCount = state.newest() - retention.events();
    long byAge = lastWhere("appended_at", state, nowMillis - retention.millis());
    // The newest event stays, however large: an event is kept at least until it could be delivered.
    long byBytes = Math.min(
        state.newest() - 1, lastWhere("total_bytes", state, totalBytes - retention.bytes() + 1));
    long target = Math.max(byCount, Math.max(byAge, byBytes));
    return Math.max(gone, Math.min(target, gone + H2Store.TRIM_STEP));
  }

  /** The last kept offset whose value is below a bound, found by halving: the values never decrease. */
  private long lastWhere(String column, LogState state, long bound) throws SQLException {
    long low = state.oldest() - 1;
    long high = state.newest();
    String query = "SELECT " + column + " FROM event WHERE event_offset = ?";
    // Mostly there is nothing to trim, and one look tells.
    if (low >= high || number(query, low + 1, Long.MAX_VALUE) >= bound) {
      return low;
    }
    while (low < high) {
      long middle = low + (high - low + 1) / 2;
      if (number(query, middle, Long.MIN_VALUE) < bound) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  void trim(long through) throws SQLException {
    update("UPDATE position SET trimmed_through = GREATEST(trimmed_through, " + through + ")");
    // More rows than one step: what a loss left behind goes bit by bit.
    String rows = " WHERE event_offset <= " + through + " FETCH FIRST 4000 ROWS ONLY";
    update("DELETE FROM event" + rows);
    update("DELETE FROM publication" + rows);
    update("DELETE FROM gap WHERE last_offset <= " + through);
    commit();
  }

  void flush() throws SQLException {
    if (!sync && unflushed) {
      update("CHECKPOINT SYNC");
      unflushed = false;
    }
  }

  private void commit() throws SQLException {
    connection.commit();
    if (sync) {
      update("CHECKPOINT SYNC");
    } else {
      unflushed = true;
    }
  }

  /** Closes the file for everybody. */
  void close() {
    try (connection) {
      try {
        connection.rollback();
        update("SHUTDOWN");
      } catch (SQLException e) {
        // A store that failed cannot be closed in order; what was committed is in the file all
        // the same. But it must be closed: this process would be given the broken one again.
        LOG.log(System.Logger.Level.DEBUG, "[SSE] event log closed out of order", e);
        update("SHUTDOWN IMMEDIATELY");
      }
    } catch (SQLException e) {
      LOG.log(System.Logger.Level.DEBUG, "[SSE] event log was closed already", e);
    }
  }

  private void update(String sql) throws SQLException {
    Sql.update(connection, sql);
  }

  private long number(String sql, long parameter, long otherwise) throws SQLException {
    return Sql.number(connection, sql, parameter, otherwise);
  }
}
