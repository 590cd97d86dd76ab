package io.samband.log.h2;

import io.samband.log.Entry;
import io.samband.log.Gap;
import io.samband.log.IdempotencyKey;
import io.samband.log.LogState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** All that changes the file, by one thread; each change is a commit of its own. */
final class H2Writer {
  private static final System.Logger LOG = System.getLogger(H2Writer.class.getName());

  /** A publication whose key is remembered. */
  record Remembered(long offset, String bodyHash) {}

  private interface KeyUse<T> {
    T run() throws SQLException;
  }

  private final Connection connection;
  private final boolean sync;
  private final LogClock clock;
  private PreparedStatement insertEvent;
  private PreparedStatement insertKey;
  private long totalBytes;
  private long newestFound;
  private int recorded;
  private long lookedAt;
  private boolean unflushed;

  H2Writer(Connection connection, boolean sync, LogClock clock) {
    this.connection = connection;
    this.sync = sync;
    this.clock = clock;
  }

  /** Begins a new epoch. Offsets up to {@code known} that the file does not have become a gap. */
  LogState begin(long known) throws SQLException {
    connection.setAutoCommit(false);
    LogState found = H2Tables.open(connection);
    newestFound = found.newest();
    LogState state = found;
    if (newestFound < known) {
      Gap gap = new Gap(newestFound + 1, known);
      LOG.log(
          System.Logger.Level.ERROR,
          "[SSE] event log lost acknowledged events newest={0,number,#} found={1,number,#}",
          known,
          newestFound);
      insert("gap", gap);
      state = found.with(gap);
    }
    recorded = H2Tables.gaps(connection, "damage").size();
    insertEvent = connection.prepareStatement("INSERT INTO event VALUES (?, ?, ?, ?, ?)");
    insertKey = connection.prepareStatement("INSERT INTO publication VALUES (?, ?, ?)");
    readLastEvent();
    commit();
    return state;
  }

  private void readLastEvent() throws SQLException {
    try (var statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT total_bytes, appended_at FROM event"
            + " ORDER BY event_offset DESC FETCH FIRST 1 ROW ONLY")) {
      boolean any = rows.next();
      totalBytes = any ? rows.getLong(1) : 0;
      clock.start(any ? rows.getLong(2) : 0);
    }
  }

  /** The newest offset that the file had when it was opened. */
  long newestFound() {
    return newestFound;
  }

  /** The time by which events grow old, in milliseconds. */
  long now() {
    return clock.now();
  }

  /** All bytes that were ever appended. */
  long totalBytes() {
    return totalBytes;
  }

  Void append(NumberedBatch batch) throws SQLException {
    if (!batch.grows()) {
      return null;
    }
    if (batch.gap() != null) {
      insert("gap", batch.gap());
    }
    long now = clock.now();
    long total = totalBytes;
    long offset = batch.firstOffset();
    boolean keyed = false;
    for (Entry entry : batch.stored()) {
      total += entry.json().length;
      insertEvent.setLong(1, offset);
      insertEvent.setString(2, TypeColumn.of(entry.type(), entry.audience()));
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
      withKeys(insertKey::executeBatch);
    }
    commit();
    totalBytes = total;
    return null;
  }

  private void insert(String table, Gap gap) throws SQLException {
    update("MERGE INTO " + table + " KEY (first_offset) VALUES (" + gap.from() + ", " + gap.to()
        + ")");
  }

  /** Records events that cannot be read, if that has not been done. */
  Void record(List<Gap> damages) throws SQLException {
    if (damages.size() > recorded) {
      for (Gap damage : damages.subList(recorded, damages.size())) {
        insert("gap", damage);
        insert("damage", damage);
      }
      commit();
      recorded = damages.size();
    }
    return null;
  }

  Remembered find(IdempotencyKey key) throws SQLException {
    return withKeys(() -> lookUp(key));
  }

  private Remembered lookUp(IdempotencyKey key) throws SQLException {
    try (var query = connection.prepareStatement(
        "SELECT event_offset, body_hash FROM publication WHERE idempotency_key = ?")) {
      query.setString(1, key.value());
      try (ResultSet rows = query.executeQuery()) {
        return rows.next() ? new Remembered(rows.getLong(1), rows.getString(2)) : null;
      }
    }
  }

  /**
   * Uses the table of idempotency keys. If it is damaged, nobody could publish with a key any more: then all keys are
   * forgotten, and the failure is thrown, so that the caller begins again with an empty table.
   */
  private <T> T withKeys(KeyUse<T> use) throws SQLException {
    try {
      return use.run();
    } catch (SQLException | RuntimeException e) {
      if (Damage.is(e)) {
        connection.rollback();
        H2Tables.replaceKeys(connection);
        LOG.log(
            System.Logger.Level.ERROR,
            "[SSE] idempotency keys cannot be read, the file is damaged. All are forgotten: what was"
                + " published before and is sent again with its key is published twice. Check the disk");
      }
      throw e;
    }
  }

  /** A number of the row of an event, or another one if there is no such row. */
  long value(String column, long offset, long otherwise) throws SQLException {
    lookedAt = offset;
    return Sql.number(
        connection, "SELECT " + column + " FROM event WHERE event_offset = ?", offset, otherwise);
  }

  /** Where {@link #value} looked last: at damage, if that has failed. */
  long lookedAt() {
    return lookedAt;
  }

  List<Gap> damages() throws SQLException {
    return H2Tables.gaps(connection, "damage");
  }

  /**
   * The first damage in a range that is not known yet.
   *
   * @param step looks at one row of so many
   */
  Optional<Gap> damage(long from, long through, int step, List<Gap> known) throws SQLException {
    try (var one = connection.prepareStatement(H2Reader.ONE)) {
      for (long offset = from; offset <= through; offset += step) {
        long at = offset;
        Optional<Gap> gap = known.stream().filter(each -> each.contains(at)).findAny();
        if (gap.isPresent()) {
          offset = gap.get().to();
          continue;
        }
        Gap found = Damage.around(at, 1, through, row -> H2Reader.look(one, row));
        if (found != null) {
          return Optional.of(found);
        }
      }
    }
    return Optional.empty();
  }

  /** Says that the events up to an offset are gone, and removes their rows, but for those that must not be touched. */
  Void trim(long from, long through, List<Gap> untouchable) throws SQLException {
    forget(through);
    long next = from;
    for (Gap range : untouchable) {
      if (range.from() > through) {
        break;
      }
      delete(next, range.from() - 1);
      next = Math.max(next, range.to() + 1);
    }
    delete(next, through);
    commit();
    return null;
  }

  /** Says that the events up to an offset are gone, and leaves their rows in the file. */
  Void trimOnPaper(long through) throws SQLException {
    connection.rollback();
    forget(through);
    commit();
    return null;
  }

  private void forget(long through) throws SQLException {
    // First, because damaged keys undo what is not committed.
    forgetKeys(through);
    update("UPDATE position SET trimmed_through = GREATEST(trimmed_through, " + through + ")");
    update("DELETE FROM gap WHERE last_offset <= " + through);
  }

  /** If the keys are damaged, all of them are forgotten, those up to the offset included. */
  private void forgetKeys(long through) throws SQLException {
    try {
      withKeys(() -> {
        update("DELETE FROM publication WHERE event_offset <= " + through);
        return null;
      });
    } catch (SQLException | RuntimeException e) {
      if (!Damage.is(e)) {
        throw e;
      }
    }
  }

  private void delete(long from, long through) throws SQLException {
    if (from <= through) {
      update("DELETE FROM event WHERE event_offset BETWEEN " + from + " AND " + through);
    }
  }

  Void flush() throws SQLException {
    if (!sync && unflushed) {
      update("CHECKPOINT SYNC");
      unflushed = false;
    }
    return null;
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
        // A file that failed cannot be closed in order; what was committed is in it all the same.
        // But it must be closed:
        // this process would be given the broken one again.
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
}
