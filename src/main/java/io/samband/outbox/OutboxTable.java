package io.samband.outbox;

import io.samband.event.Audience;
import io.samband.event.SSEEvent;
import io.samband.log.Entry;
import io.samband.log.IdempotencyKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The statements of the outbox. Each method works within the transaction of the connection that it is given, and neither
 * commits nor rolls back. Immutable; any thread.
 */
final class OutboxTable {
  /** How the keys of these publications begin. */
  static final String KEY_PREFIX = "outbox:";

  /** So that rows are not all read into memory before the first one is looked at: an event may have half a megabyte. */
  private static final int FETCH_ROWS = 32;

  private static final String SAVEPOINT = "samband_outbox";

  private final Dialect dialect;

  /** A committed event, and the number of its row. */
  record Row(long id, Entry entry) {}

  /**
   * What waits.
   *
   * @param age of the oldest row, by the clock of the database; zero if there is none
   */
  record Backlog(long rows, Duration age) {}

  OutboxTable(Dialect dialect) {
    this.dialect = dialect;
  }

  /**
   * Adds events, in their order, within the transaction of the caller. If that fails none of them is there, and the transaction
   * can go on.
   */
  void insert(Connection connection, List<SSEEvent> events) throws SQLException {
    if (connection.getAutoCommit()) {
      // A row of such a connection would stay after a rollback.
      throw new SQLException("the data source does not take part in the caller's transaction");
    }
    List<String> keys =
        events.stream().map(event -> UUID.randomUUID().toString()).toList();
    if (dialect.failureAbortsTransaction()) {
      execute(connection, "SAVEPOINT " + SAVEPOINT);
    }
    try {
      insertBatch(connection, events, keys);
    } catch (SQLException | RuntimeException e) {
      undo(connection, keys, e);
      throw e;
    }
    if (dialect.failureAbortsTransaction()) {
      execute(connection, "RELEASE SAVEPOINT " + SAVEPOINT);
    }
  }

  private static void insertBatch(Connection connection, List<SSEEvent> events, List<String> keys)
      throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(
        "INSERT INTO samband_outbox (event_key, type, audience, json) VALUES (?, ?, ?, ?)")) {
      for (int i = 0; i < events.size(); i++) {
        SSEEvent event = events.get(i);
        Audience audience = event.audience();
        insert.setString(1, keys.get(i));
        insert.setString(2, event.type());
        insert.setString(3, audience.isEverybody() ? null : audience.toString());
        insert.setBytes(4, event.json());
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  private void undo(Connection connection, List<String> keys, Exception failure) {
    try {
      // As text, because servers refuse the calls of JDBC for it inside their transactions.
      if (dialect.failureAbortsTransaction()) {
        execute(connection, "ROLLBACK TO SAVEPOINT " + SAVEPOINT);
        execute(connection, "RELEASE SAVEPOINT " + SAVEPOINT);
      } else {
        try (PreparedStatement delete =
            connection.prepareStatement("DELETE FROM samband_outbox WHERE event_key = ?")) {
          for (String key : keys) {
            delete.setString(1, key);
            delete.addBatch();
          }
          delete.executeBatch();
        }
      }
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Takes the lock that one relay of all nodes can have, until the end of the transaction.
   *
   * @return false if another one has it; never waits for it
   */
  boolean lock(Connection connection) throws SQLException {
    if (dialect.beforeRound() != null) {
      execute(connection, dialect.beforeRound());
    }
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(
            "SELECT id FROM samband_outbox_relay WHERE id = 1 FOR UPDATE SKIP LOCKED")) {
      return rows.next();
    }
  }

  /** The oldest rows, in the order of their numbers: up to so many rows and about so many bytes, but at least one if there is one. */
  List<Row> oldest(Connection connection, int maxRows, long maxBytes) throws SQLException {
    List<Row> oldest = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(
        "SELECT id, event_key, type, audience, json FROM samband_outbox ORDER BY id"
            + " FETCH FIRST " + maxRows + " ROWS ONLY")) {
      query.setFetchSize(FETCH_ROWS);
      try (ResultSet rows = query.executeQuery()) {
        long bytes = 0;
        while (bytes < maxBytes && rows.next()) {
          Row row = new Row(rows.getLong(1), entry(rows));
          bytes += row.entry().json().length;
          oldest.add(row);
        }
      }
    }
    return oldest;
  }

  private static Entry entry(ResultSet rows) throws SQLException {
    String audience = rows.getString(4);
    byte[] json = rows.getBytes(5);
    return new Entry(
        rows.getString(3),
        audience == null ? Audience.EVERYBODY : Audience.parse(audience),
        json,
        IdempotencyKey.of(KEY_PREFIX + rows.getString(2), json));
  }

  /** Removes these rows, and no other: one with a number in between may have been committed meanwhile. */
  void delete(Connection connection, List<Row> rows) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM samband_outbox WHERE id = ?")) {
      for (Row row : rows) {
        delete.setLong(1, row.id());
        delete.addBatch();
      }
      delete.executeBatch();
    }
  }

  Backlog backlog(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(
            "SELECT COUNT(*), MIN(created_at), CURRENT_TIMESTAMP FROM samband_outbox")) {
      found.next();
      long rows = found.getLong(1);
      return new Backlog(
          rows,
          rows == 0
              ? Duration.ZERO
              : Duration.between(
                  found.getTimestamp(2).toInstant(), found.getTimestamp(3).toInstant()));
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
