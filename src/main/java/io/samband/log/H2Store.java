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
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;
import org.h2.Driver;
import org.h2.api.ErrorCode;
import org.h2.jdbcx.JdbcDataSource;

/** The embedded engine's file: one row per event, one commit per batch. */
final class H2Store implements Store {
  private static final System.Logger LOG = System.getLogger(H2Store.class.getName());

  // WRITE_DELAY=0: with the default, a killed process loses what was committed in the last half
  // second.
  private static final String OPTIONS =
      ";DB_CLOSE_ON_EXIT=FALSE;DB_CLOSE_DELAY=-1;WRITE_DELAY=0;RETENTION_TIME=";

  // Space of the file that is free is not written again for so long. The default of 45 s makes a
  // gigabyte of file at full speed. If each commit reaches the device, 0 is enough; else it must be
  // longer than the time between two flushes, or a power failure could damage what was kept.
  private static final int REUSE_AFTER_MILLIS = 5_000;

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

  /** A file that is smaller may be that of a process that was killed while it made the tables. */
  private static final int SIZE_WITH_TABLES = 64 * 1024;

  /** Openings alone never make it so large. */
  private static final int SIZE_WITH_EVENTS = 1 << 20;

  // One query holds its rows in memory: with events of the largest size 32 of them are 2 MiB.
  private static final int ROWS_PER_QUERY = 32;

  // So many, because each of them holds a page in memory, and the disk is not faster for more.
  private static final int READERS = 4;

  private static final String READ =
      "SELECT event_offset, type, json FROM event WHERE event_offset > ?"
          + " AND event_offset <= ? ORDER BY event_offset FETCH FIRST " + ROWS_PER_QUERY
          + " ROWS ONLY";

  /** What reads: made when needed, used by one reader at a time, kept until the store is closed or fails. */
  private record Query(Connection connection, PreparedStatement statement) {
    void close() {
      try (connection) {
        statement.close();
      } catch (SQLException e) {
        // It was of no use any more: the store is closed, or has failed.
      }
    }
  }

  /** One opening of the file. */
  private static final class Opening {
    final JdbcDataSource source;
    final Deque<Query> idle = new ConcurrentLinkedDeque<>();

    Opening(JdbcDataSource source) {
      this.source = source;
    }
  }

  private final Path dir;
  private final boolean sync;
  private final SecureRandom random = new SecureRandom();

  // Threads of our own: an interrupt closes a FileChannel under everybody who uses it, and
  // containers interrupt the threads of requests.
  private final ExecutorService readers = Executors.newFixedThreadPool(READERS, task -> {
    Thread thread = new Thread(task, "samband-read");
    thread.setDaemon(true);
    return thread;
  });

  private volatile Opening opening;

  // A reader that connects after the store was closed would open the file again.
  private final Object letGo = new Object();

  private Connection writer;
  private PreparedStatement insertEvent;
  private PreparedStatement insertKey;
  private long totalBytes;
  private boolean unflushed;

  /**
   * @param dir made if missing
   * @param sync whether each commit is also flushed to the device; else {@link #flush} does it now and then
   */
  H2Store(Path dir, boolean sync) {
    this.dir = dir;
    this.sync = sync;
  }

  @Override
  public LogState open() {
    letGo();
    try {
      Files.createDirectories(dir);
      refuseIfEmptied();
      var source = source(OPTIONS + (sync ? 0 : REUSE_AFTER_MILLIS));
      writer = source.getConnection();
      writer.setAutoCommit(false);
      for (String statement : SCHEMA) {
        update(statement);
      }
      insertEvent = writer.prepareStatement("INSERT INTO event VALUES (?, ?, ?, ?, ?)");
      insertKey = writer.prepareStatement("INSERT INTO publication VALUES (?, ?, ?)");
      LogState state = beginEpoch();
      totalBytes =
          number("SELECT total_bytes FROM event WHERE event_offset = ?", state.newest(), 0);
      commit();
      opening = new Opening(source);
      return state;
    } catch (IOException e) {
      letGo();
      throw new LogOpenException(
          "[SSE] the event log's directory " + dir + " cannot be made or used: " + e
              + "; make it, or name another with samband.data.dir",
          e);
    } catch (SQLException e) {
      letGo();
      throw openFailure(e);
    }
  }

  private JdbcDataSource source(String options) {
    var source = new JdbcDataSource();
    source.setURL("jdbc:h2:file:" + dir.resolve("samband") + options);
    return source;
  }

  /**
   * H2 heals a damaged file by going back to the newest state that it finds whole, and that can be the one before the first
   * table, or the first event. Looked at without the right to write: what is in the file may still be worth a repair.
   */
  private void refuseIfEmptied() throws IOException, SQLException {
    Path file = dir.resolve("samband.mv.db");
    long size = Files.exists(file) ? Files.size(file) : 0;
    if (size < SIZE_WITH_TABLES) {
      return;
    }
    boolean emptied;
    try (Connection look = source(";ACCESS_MODE_DATA=r;IFEXISTS=TRUE").getConnection();
        var statement = look.createStatement();
        ResultSet tables = look.getMetaData().getTables(null, null, "POSITION", null)) {
      emptied = !tables.next() || (size >= SIZE_WITH_EVENTS && isEmpty(look));
      statement.execute("SHUTDOWN IMMEDIATELY");
    }
    if (emptied) {
      throw new SQLException("nothing is left in it", null, ErrorCode.FILE_CORRUPTED_1);
    }
  }

  private static boolean isEmpty(Connection look) throws SQLException {
    try (var statement = look.createStatement();
        ResultSet rows = statement.executeQuery("SELECT (SELECT COUNT(*) FROM event)"
            + " + (SELECT COALESCE(MAX(trimmed_through), 0) FROM position)")) {
      rows.next();
      return rows.getLong(1) == 0;
    }
  }

  private LogState beginEpoch() throws SQLException {
    long trimmed = number("SELECT trimmed_through FROM position WHERE id = ?", 1, 0);
    long lost = number("SELECT lost_through FROM position WHERE id = ?", 1, 0);
    // Without a condition: with one, H2 would read every row of the log.
    long newest = Math.max(trimmed, newestStored());
    Epochs epochs = new Epochs(epochs()).with(newEpochName(), newest + 1);
    try (var insert =
        writer.prepareStatement("INSERT INTO epoch (name, first_offset) VALUES (?, ?)")) {
      insert.setString(1, epochs.current());
      insert.setLong(2, newest + 1);
      insert.executeUpdate();
    }
    return new LogState(epochs, trimmed + 1, newest, lost);
  }

  private long newestStored() throws SQLException {
    try (var statement = writer.createStatement();
        ResultSet rows = statement.executeQuery("SELECT MAX(event_offset) FROM event")) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private List<Epochs.Epoch> epochs() throws SQLException {
    List<Epochs.Epoch> epochs = new ArrayList<>();
    try (var statement = writer.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT name, first_offset FROM epoch ORDER BY number")) {
      while (rows.next()) {
        epochs.add(new Epochs.Epoch(rows.getString(1), rows.getLong(2)));
      }
    }
    return epochs;
  }

  private String newEpochName() throws SQLException {
    Set<String> used = epochs().stream().map(Epochs.Epoch::name).collect(Collectors.toSet());
    byte[] bytes = new byte[4];
    String name;
    do {
      random.nextBytes(bytes);
      name = HexFormat.of().formatHex(bytes);
    } while (name.equals(EventId.UNKNOWN.epoch()) || used.contains(name));
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
    Future<Scan> scan;
    try {
      var page = new PageBuilder(after, filter, limit, maxBytes);
      scan = readers.submit(() -> read(page, through, epochs));
    } catch (RejectedExecutionException e) {
      throw new LogUnavailableException("the event log is closed", e);
    }
    try {
      return scan.get();
    } catch (ExecutionException e) {
      throw new LogUnavailableException(
          "the event log cannot be read: " + e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("interrupted while reading the event log", e);
    }
  }

  private Scan read(PageBuilder page, long through, Epochs epochs) throws SQLException {
    Opening now = opening;
    if (now == null) {
      throw new LogUnavailableException("it is not open");
    }
    Query query = query(now);
    boolean good = false;
    try {
      while (page.goesOn(through)) {
        query.statement.setLong(1, page.through);
        query.statement.setLong(2, through);
        try (ResultSet rows = query.statement.executeQuery()) {
          if (!page.take(rows, epochs)) {
            break;
          }
        }
      }
      good = true;
      return new Scan(page.events, page.through);
    } finally {
      if (good) {
        now.idle.push(query);
      } else {
        query.close();
      }
      if (opening != now) {
        closeIdle(now);
      }
    }
  }

  private Query query(Opening now) throws SQLException {
    Query idle = now.idle.poll();
    if (idle != null) {
      return idle;
    }
    Connection connection;
    synchronized (letGo) {
      if (opening != now) {
        throw new LogUnavailableException("it was just closed");
      }
      connection = now.source.getConnection();
    }
    try {
      return new Query(connection, connection.prepareStatement(READ));
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private static void closeIdle(Opening past) {
    for (Query query = past.idle.poll(); query != null; query = past.idle.poll()) {
      query.close();
    }
  }

  /** What one page has so far. */
  private static final class PageBuilder {
    final List<LoggedEvent> events = new ArrayList<>();
    final TypeFilter filter;
    final int limit;
    final int maxBytes;
    final long after;
    long through;
    long bytes;
    boolean full;

    PageBuilder(long after, TypeFilter filter, int limit, int maxBytes) {
      this.after = after;
      this.through = after;
      this.filter = filter;
      this.limit = limit;
      this.maxBytes = maxBytes;
    }

    boolean goesOn(long last) {
      return !full && through < last && through - after < MAX_SCAN;
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
  public void flush() {
    guarded("flush", () -> {
      if (!sync && unflushed) {
        update("CHECKPOINT SYNC");
        unflushed = false;
      }
      return null;
    });
  }

  @Override
  public void close() {
    letGo();
    readers.shutdown();
    // The driver has registered itself for the whole JVM, and would keep the deployment that
    // brought it in memory after its end.
    if (Driver.class.getClassLoader() == H2Store.class.getClassLoader()) {
      Driver.unload();
    }
  }

  private void letGo() {
    Opening past = opening;
    synchronized (letGo) {
      opening = null;
    }
    if (past != null) {
      closeIdle(past);
    }
    if (writer == null) {
      return;
    }
    try (Connection closing = writer) {
      try {
        closing.rollback();
        update("SHUTDOWN");
      } catch (SQLException e) {
        // A store that failed cannot be closed in order; what was committed is in the file all
        // the same. But it must be closed: this process would be given the broken one again.
        LOG.log(System.Logger.Level.DEBUG, "[SSE] event log closed out of order", e);
        update("SHUTDOWN IMMEDIATELY");
      }
    } catch (SQLException e) {
      LOG.log(System.Logger.Level.DEBUG, "[SSE] event log was closed already", e);
    } finally {
      writer = null;
    }
  }

  private void commit() throws SQLException {
    writer.commit();
    if (sync) {
      update("CHECKPOINT SYNC");
    } else {
      unflushed = true;
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
    } catch (SQLException | IllegalStateException e) {
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
