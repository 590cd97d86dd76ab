package io.samband.log;

import io.samband.event.EventId;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What the file holds: the tables, and the epoch that an opening adds to them. */
final class H2Tables {
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
    "CREATE TABLE IF NOT EXISTS gap (first_offset BIGINT PRIMARY KEY,"
        + " last_offset BIGINT NOT NULL)",
    "MERGE INTO position KEY (id) SELECT 1, COALESCE(MAX(trimmed_through), 0),"
        + " COALESCE(MAX(lost_through), 0) FROM position"
  };

  private static final SecureRandom RANDOM = new SecureRandom();

  private H2Tables() {}

  /** Makes the tables that are missing, and begins a new epoch with the next offset; the caller commits. */
  static LogState open(Connection connection) throws SQLException {
    for (String statement : SCHEMA) {
      Sql.update(connection, statement);
    }
    String position = " FROM position WHERE id = ?";
    long trimmed = Sql.number(connection, "SELECT trimmed_through" + position, 1, 0);
    List<Gap> gaps = gaps(connection);
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

  private static List<Gap> gaps(Connection connection) throws SQLException {
    List<Gap> gaps = new ArrayList<>();
    try (var statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT first_offset, last_offset FROM gap")) {
      while (rows.next()) {
        gaps.add(new Gap(rows.getLong(1), rows.getLong(2)));
      }
    }
    return gaps;
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
