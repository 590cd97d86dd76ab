package io.samband.log;

import io.samband.event.EventId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.h2.api.ErrorCode;
import org.h2.jdbcx.JdbcConnectionPool;
import org.h2.jdbcx.JdbcDataSource;

/** The embedded engine's file: one row per event, one commit per batch. */
final class H2Store implements Store {
  // WRITE_DELAY=0: with the default, a killed process loses what was committed in the last half
  // second.
  // RETENTION_TIME=0: otherwise pages of old commits are kept for 45 s, a gigabyte of file at full
  // speed.
  // async: an interrupted reader closes a plain FileChannel, and with it the log for everybody.
  private static final String OPTIONS =
      ";DB_CLOSE_ON_EXIT=FALSE;DB_CLOSE_DELAY=-1;WRITE_DELAY=0;RETENTION_TIME=0";

  private static final String[] SCHEMA = {
    "CREATE TABLE IF NOT EXISTS event (event_offset BIGINT PRIMARY KEY, type VARCHAR(64) NOT NULL,"
        + " json VARBINARY(1048576) NOT NULL, total_bytes BIGINT NOT NULL,"
        + " appended_at BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS publication (idempotency_key VARCHAR(255) PRIMARY KEY,"
        + " body_hash CHAR(64) NOT NULL, event_offset BIGINT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS publication_offset ON publication (event_offset)",
    "CREATE TABLE IF NOT EXISTS epoch (number INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
        + " name CHAR(8) NOT NULL UNIQUE, first_offset BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS position (id INT PRIMARY KEY, trimmed_through BIGINT NOT NULL,"
        + " lost_through BIGINT NOT NULL)",
    "MERGE INTO position KEY (id) SELECT 1, COALESCE(MAX(trimmed_through), 0),"
        + " COALESCE(MAX(lost_through), 0) FROM position"
  };

  /** Offsets that one trim removes at the most, so that no append waits long for one. */
  static final int TRIM_STEP = 2_000;

  /** Rows that one page looks at, at the most: a filter that takes nothing must not scan the whole log. */
  static final int MAX_SCAN = 4_096;

  // One query holds its rows in memory: with events of the largest size 32 of them are 2 MiB.
  private static final int ROWS_PER_QUERY = 32;
  private static final int READERS = 8;

  private final Path dir;
  private final boolean sync;
  private final SecureRandom random = new SecureRandom();

  private JdbcConnectionPool pool;
  private Connection writer;
  private PreparedStatement insertEvent;
  private PreparedStatement insertKey;
  private long totalBytes;

  /**
   * @param dir made if missing
   * @param sync whether each commit is also flushed to the device
   */
  H2Store(Path dir, boolean sync) {
    this.dir = dir;
    this.sync = sync;
  }

  @Override
  public LogState open() {
    close();
    try {
      Files.createDirectories(dir);
      var source = new JdbcDataSource();
      source.setURL("jdbc:h2:async:" + dir.resolve("samband") + OPTIONS);
      writer = source.getConnection();
      writer.setAutoCommit(false);
      for (String statement : SCHEMA) {
        update(statement);
      }
      LogState state = beginEpoch();
      insertEvent = writer.prepareStatement("INSERT INTO event VALUES (?, ?, ?, ?, ?)");
      insertKey = writer.prepareStatement("INSERT INTO publication VALUES (?, ?, ?)");
      totalBytes =
          number("SELECT total_bytes FROM event WHERE event_offset = ?", state.newest(), 0);
      commit();
      pool = JdbcConnectionPool.create(source);
      pool.setMaxConnections(READERS);
      return state;
    } catch (IOException e) {
      throw new LogOpenException(
          "[SSE] the event log's directory " + dir + " cannot be made: " + e.getMessage(), e);
    } catch (SQLException e) {
      close();
      throw openFailure(e);
    }
  }

  private LogState beginEpoch() throws SQLException {
    long trimmed = number("SELECT trimmed_through FROM position WHERE id = ?", 1, 0);
    long lost = number("SELECT lost_through FROM position WHERE id = ?", 1, 0);
    long stored = number("SELECT MAX(event_offset) FROM event WHERE event_offset > ?", 0, 0);
    long newest = Math.max(stored, trimmed);
    String name = newEpochName();
    update("INSERT INTO epoch (name, first_offset) VALUES ('" + name + "', " + (newest + 1) + ")");
    List<Epochs.Epoch> epochs = new ArrayList<>();
    try (var statement = writer.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT name, first_offset FROM epoch ORDER BY number")) {
      while (rows.next()) {
        epochs.add(new Epochs.Epoch(rows.getString(1), rows.getLong(2)));
      }
    }
    return new LogState(new Epochs(epochs), trimmed + 1, newest, lost);
  }

  private String newEpochName() {
    byte[] bytes = new byte[4];
    String name;
    do {
      random.nextBytes(bytes);
      name = HexFormat.of().formatHex(bytes);
    } while (name.equals(EventId.UNKNOWN.epoch()));
    return name;
  }

  @Override
  public void append(long firstOffset, List<Entry> entries) {
    guarded("append", () -> {
      long now = System.currentTimeMillis();
      long total = totalBytes;
      long offset = firstOffset;
      boolean keyed = false;
      for (Entry entry : entries) {
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
      return null;
    });
  }

  @Override
  public void lose(long through) {
    guarded("record a loss", () -> {
      update("UPDATE position SET lost_through = " + through + ", trimmed_through = " + through);
      commit();
      return null;
    });
  }

  @Override
  public Optional<Remembered> find(IdempotencyKey key) {
    return guarded("look up an idempotency key", () -> {
      try (var query = writer.prepareStatement(
          "SELECT event_offset, body_hash FROM publication WHERE idempotency_key = ?")) {
        query.setString(1, key.value());
        try (ResultSet rows = query.executeQuery()) {
          return rows.next()
              ? Optional.of(new Remembered(rows.getLong(1), rows.getString(2)))
              : Optional.empty();
        }
      }
    });
  }

  @Override
  public long trimTarget(LogState state, Retention retention, long nowMillis) {
    return guarded("find what to trim", () -> {
      long gone = state.oldest() - 1;
      long byCount = state.newest() - retention.events();
      long byAge = lastWhere("appended_at", state, nowMillis - retention.millis());
      // The newest event stays, however large: an event is kept at least until it could be
      // delivered.
      long byBytes = Math.min(
          state.newest() - 1, lastWhere("total_bytes", state, totalBytes - retention.bytes() + 1));
      long target = Math.max(byCount, Math.max(byAge, byBytes));
      return Math.max(gone, Math.min(target, gone + TRIM_STEP));
    });
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

  @Override
  public void trim(long through) {
    guarded("trim", () -> {
      update("UPDATE position SET trimmed_through = GREATEST(trimmed_through, " + through + ")");
      // More rows than one step: what a loss left behind goes bit by bit.
      String rows = " WHERE event_offset <= " + through + " FETCH FIRST 4000 ROWS ONLY";
      update("DELETE FROM event" + rows);
      update("DELETE FROM publication" + rows);
      commit();
      return null;
    });
  }

  @Override
  public Scan read(
      long after, long through, Epochs epochs, TypeFilter filter, int limit, int maxBytes) {
    try (Connection connection = pool.getConnection();
        PreparedStatement query = connection.prepareStatement(
            "SELECT event_offset, type, json FROM event WHERE event_offset > ?"
                + " AND event_offset <= ? ORDER BY event_offset FETCH FIRST "
                + ROWS_PER_QUERY
                + " ROWS ONLY")) {
      var scan = new PageBuilder(after, filter, limit, maxBytes);
      while (!scan.full && scan.through < through && scan.through - after < MAX_SCAN) {
        query.setLong(1, scan.through);
        query.setLong(2, through);
        try (ResultSet rows = query.executeQuery()) {
          if (!scan.take(rows, epochs)) {
            break;
          }
        }
      }
      return new Scan(scan.events, scan.through);
    } catch (SQLException e) {
      throw new LogUnavailableException("the event log cannot be read: " + e.getMessage(), e);
    }
  }

  /** What one page has so far. */
  private static final class PageBuilder {
    final List<LoggedEvent> events = new ArrayList<>();
    final TypeFilter filter;
    final int limit;
    final int maxBytes;
    long through;
    long bytes;
    boolean full;

    PageBuilder(long after, TypeFilter filter, int limit, int maxBytes) {
      this.through = after;
      this.filter = filter;
      this.limit = limit;
      this.maxBytes = maxBytes;
    }

    /** Whether there were rows, and each followed the one before. */
    boolean take(ResultSet rows, Epochs epochs) throws SQLException {
      boolean any = false;
      while (rows.next()) {
        long offset = rows.getLong(1);
        // A hole means that trimming overtook this reader: whoever asked looks again at what is
        // kept.
        if (offset != through + 1) {
          return false;
        }
        String type = rows.getString(2);
        if (filter.takes(type)) {
          byte[] json = rows.getBytes(3);
          if (!events.isEmpty() && (events.size() == limit || bytes + json.length > maxBytes)) {
            full = true;
            return true;
          }
          events.add(new LoggedEvent(new EventId(epochs.of(offset), offset), type, json));
          bytes += json.length;
        }
        through = offset;
        any = true;
      }
      full = events.size() >= limit || bytes >= maxBytes;
      return any;
    }
  }

  @Override
  public void close() {
    if (pool != null) {
      pool.dispose();
      pool = null;
    }
    if (writer != null) {
      try (Connection closing = writer) {
        closing.rollback();
        try (var statement = closing.createStatement()) {
          statement.execute("SHUTDOWN");
        }
      } catch (SQLException e) {
        // A store that failed cannot be closed in order; what was committed is in the file all the
        // same.
        System.getLogger(H2Store.class.getName())
            .log(System.Logger.Level.DEBUG, "[SSE] event log closed out of order", e);
      } finally {
        writer = null;
      }
    }
  }

  private void commit() throws SQLException {
    writer.commit();
    if (sync) {
      update("CHECKPOINT SYNC");
    }
  }

  private void update(String sql) throws SQLException {
    try (var statement = writer.createStatement()) {
      statement.execute(sql);
    }
  }

  private long number(String sql, long parameter, long otherwise) throws SQLException {
    try (PreparedStatement query = writer.prepareStatement(sql)) {
      query.setLong(1, parameter);
      try (ResultSet rows = query.executeQuery()) {
        if (!rows.next()) {
          return otherwise;
        }
        long value = rows.getLong(1);
        return rows.wasNull() ? otherwise : value;
      }
    }
  }

  private interface SqlCall<T> {
    T call() throws SQLException;
  }

  private <T> T guarded(String what, SqlCall<T> call) {
    if (writer == null) {
      throw new LogUnavailableException("cannot " + what + ": the event log is closed");
    }
    try {
      return call.call();
    } catch (SQLException e) {
      throw new LogUnavailableException("cannot " + what + ": " + e.getMessage(), e);
    }
  }

  private LogOpenException openFailure(SQLException e) {
    String log = "[SSE] the event log " + dir.resolve("samband.mv.db");
    return switch (e.getErrorCode()) {
      case ErrorCode.DATABASE_ALREADY_OPEN_1 ->
        new LogInUseException(
            log
                + " is in use by another process; stop that one,"
                + " or give this one a samband.data.dir of its own",
            e);
      case ErrorCode.FILE_CORRUPTED_1, ErrorCode.FILE_VERSION_ERROR_1 ->
        new LogOpenException(
            log
                + " is damaged; nothing was changed. Put a backup in its place,"
                + " or move the file away to begin a new log",
            e);
      default -> new LogOpenException(log + " cannot be opened: " + e.getMessage(), e);
    };
  }
}
