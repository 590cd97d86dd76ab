package io.samband.log.h2;

import io.samband.event.EventId;
import io.samband.log.Epochs;
import io.samband.log.Gap;
import io.samband.log.LogOpenException;
import io.samband.log.LogState;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What the file holds: the tables and their format, and the epoch that an opening adds to them. */
final class H2Tables {
  /**
   * The format that this version reads and writes. A file of an earlier one is brought up to it when it is opened; a file of
   * a later one is refused. Format 1, of the first versions, has no table that says so, and no gaps; format 2 has no audiences.
   */
  static final int FORMAT = 3;

  private static final int FIRST_FORMAT_WITH_GAPS = 2;

  private static final String KEYS =
      "CREATE TABLE IF NOT EXISTS publication (idempotency_key VARCHAR(255) PRIMARY KEY,"
          + " body_hash CHAR(64) NOT NULL, event_offset BIGINT NOT NULL)";
  private static final String KEYS_BY_OFFSET =
      "CREATE INDEX IF NOT EXISTS publication_offset ON publication (event_offset)";

  // Each can be repeated: a process that dies between two of them leaves a file that the next
  // opening completes.
  private static final String[] SCHEMA = {
    "CREATE TABLE IF NOT EXISTS event (event_offset BIGINT PRIMARY KEY, type VARCHAR("
        + TypeColumn.LENGTH
        + ") NOT NULL, json VARBINARY(1048576) NOT NULL, total_bytes BIGINT NOT NULL,"
        + " appended_at BIGINT NOT NULL)",
    KEYS,
    KEYS_BY_OFFSET,
    "CREATE TABLE IF NOT EXISTS epoch (number INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
        + " name CHAR(8) NOT NULL UNIQUE, first_offset BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS position (id INT PRIMARY KEY, trimmed_through BIGINT NOT NULL,"
        + " lost_through BIGINT NOT NULL)",
    "MERGE INTO position KEY (id) SELECT 1, COALESCE(MAX(trimmed_through), 0),"
        + " COALESCE(MAX(lost_through), 0) FROM position",
    "CREATE TABLE IF NOT EXISTS gap (first_offset BIGINT PRIMARY KEY, last_offset BIGINT NOT NULL)",
    // Never trimmed: what lies beside damage can never be removed from the file.
    "CREATE TABLE IF NOT EXISTS damage (first_offset BIGINT PRIMARY KEY,"
        + " last_offset BIGINT NOT NULL)",
    // Changes the description of the column only, and no row.
    "ALTER TABLE event ALTER COLUMN type SET DATA TYPE VARCHAR(" + TypeColumn.LENGTH + ")",
    "CREATE TABLE IF NOT EXISTS format (id INT PRIMARY KEY, version INT NOT NULL)"
  };

  // A loss of format 1 removed everything before it, but left the rows for later. In later formats
  // such rows are beside damage, and must not be touched.
  private static final String[] AFTER_A_LOSS_OF_FORMAT_1 = {
    "DELETE FROM event WHERE event_offset <= (SELECT trimmed_through FROM position)",
    "DELETE FROM publication WHERE event_offset <= (SELECT trimmed_through FROM position)"
  };

  private static final SecureRandom RANDOM = new SecureRandom();

  private H2Tables() {}

  /**
   * Makes or upgrades the tables, and begins a new epoch with the next offset; the caller commits.
   *
   * @throws LogOpenException if the file is of a later format
   */
  static LogState open(Connection connection) throws SQLException {
    int format = format(connection);
    if (format > FORMAT) {
      throw new LogOpenException(
          "[SSE] the event log was written by a newer version of Samband (format " + format
              + ", this one knows " + FORMAT + "); nothing was changed. Install that version again,"
              + " or put a backup from before in its place");
    }
    if (format < FORMAT) {
      update(connection, SCHEMA);
      if (format < FIRST_FORMAT_WITH_GAPS) {
        update(connection, AFTER_A_LOSS_OF_FORMAT_1);
      }
      Sql.update(connection, "MERGE INTO format KEY (id) VALUES (1, " + FORMAT + ")");
    }
    return begin(connection);
  }

  private static void update(Connection connection, String[] statements) throws SQLException {
    for (String statement : statements) {
      Sql.update(connection, statement);
    }
  }

  /** Begins a new table of idempotency keys. The old one cannot be read, so it cannot be removed either: it gets another name. */
  static void replaceKeys(Connection connection) throws SQLException {
    String damaged = "publication_damaged_" + System.nanoTime();
    Sql.update(connection, "ALTER TABLE publication RENAME TO " + damaged);
    Sql.update(connection, "ALTER INDEX publication_offset RENAME TO " + damaged + "_offset");
    Sql.update(connection, KEYS);
    Sql.update(connection, KEYS_BY_OFFSET);
    connection.commit();
  }

  /** 0 if there is none, or it is not said. */
  private static int format(Connection connection) throws SQLException {
    try (ResultSet tables = connection.getMetaData().getTables(null, null, "FORMAT", null)) {
      if (!tables.next()) {
        return 0;
      }
    }
    return (int) Sql.number(connection, "SELECT version FROM format WHERE id = ?", 1, 0);
  }

  private static LogState begin(Connection connection) throws SQLException {
    long trimmed =
        Sql.number(connection, "SELECT trimmed_through FROM position WHERE id = ?", 1, 0);
    List<Gap> gaps = gaps(connection, "gap");
    long newest = Math.max(trimmed, newestStored(connection));
    for (Gap gap : gaps) {
      newest = Math.max(newest, gap.to());
    }
    List<Epochs.Epoch> earlier = epochs(connection);
    Epochs epochs = new Epochs(earlier).with(newName(earlier), newest + 1);
    try (var insert =
        connection.prepareStatement("INSERT INTO epoch (name, first_offset) VALUES (?, ?)")) {
      insert.setString(1, epochs.current());
      insert.setLong(2, newest + 1);
      insert.executeUpdate();
    }
    return new LogState(epochs, trimmed + 1, newest, gaps);
  }

  private static long newestStored(Connection connection) throws SQLException {
    // Without a condition: with one, H2 would read every row of the log.
    try (var statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT MAX(event_offset) FROM event")) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** The ranges that a table holds. */
  static List<Gap> gaps(Connection connection, String table) throws SQLException {
    List<Gap> gaps = new ArrayList<>();
    try (var statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT first_offset, last_offset FROM " + table)) {
      while (rows.next()) {
        gaps.add(new Gap(rows.getLong(1), rows.getLong(2)));
      }
    }
    return gaps;
  }

  private static List<Epochs.Epoch> epochs(Connection connection) throws SQLException {
    List<Epochs.Epoch> epochs = new ArrayList<>();
    try (var statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT name, first_offset FROM epoch ORDER BY number")) {
      while (rows.next()) {
        epochs.add(new Epochs.Epoch(rows.getString(1), rows.getLong(2)));
      }
    }
    return epochs;
  }

  private static String newName(List<Epochs.Epoch> earlier) {
    Set<String> used = earlier.stream().map(Epochs.Epoch::name).collect(Collectors.toSet());
    byte[] bytes = new byte[4];
    String name;
    do {
      RANDOM.nextBytes(bytes);
      name = HexFormat.of().formatHex(bytes);
    } while (name.equals(EventId.UNKNOWN.epoch()) || used.contains(name));
    return name;
  }
}
