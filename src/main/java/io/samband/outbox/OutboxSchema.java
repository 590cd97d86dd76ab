package io.samband.outbox;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Makes the tables of the outbox, and says what is wrong with those that are there. On connections that commit by themselves. */
final class OutboxSchema {
  private static final Set<String> COLUMNS =
      new TreeSet<>(Set.of("id", "event_key", "type", "audience", "json", "created_at"));

  private OutboxSchema() {}

  /**
   * Makes the tables that are missing. Another node may do the same at the same moment.
   *
   * @throws SQLException if they cannot be made, or nobody knows how on this database
   */
  static void create(Connection connection) throws SQLException {
    Dialect dialect = Dialect.of(connection);
    if (dialect.tables().isEmpty()) {
      throw new SQLException("tables can be made on PostgreSQL and H2 only; make them by hand");
    }
    try (Statement statement = connection.createStatement()) {
      for (String table : dialect.tables()) {
        create(statement, table);
      }
    }
  }

  private static void create(Statement statement, String table) throws SQLException {
    try {
      statement.execute(table);
    } catch (SQLException e) {
      // On PostgreSQL, of two nodes that make the same table at once, one gets an error when the
      // other one has made it.
      statement.execute(table);
    }
  }

  /**
   * What is wrong with the tables, or null. Adds the row that relays lock, if it is missing.
   *
   * @throws SQLException if the database does not say
   */
  static String problem(Connection connection) throws SQLException {
    Set<String> found;
    try {
      found = columns(connection);
    } catch (SQLException e) {
      return "there is no table samband_outbox that can be read: " + e.getMessage();
    }
    if (!found.equals(COLUMNS)) {
      return "the table samband_outbox has the columns " + found + " and must have " + COLUMNS;
    }
    try {
      if (!hasLockRow(connection)) {
        addLockRow(connection);
      }
    } catch (SQLException e) {
      return "there is no table samband_outbox_relay that can be used: " + e.getMessage();
    }
    return null;
  }

  private static Set<String> columns(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet none = statement.executeQuery("SELECT * FROM samband_outbox WHERE 1 = 0")) {
      ResultSetMetaData meta = none.getMetaData();
      Set<String> columns = new TreeSet<>();
      for (int column = 1; column <= meta.getColumnCount(); column++) {
        columns.add(meta.getColumnName(column).toLowerCase(Locale.ROOT));
      }
      return columns;
    }
  }

  static boolean hasLockRow(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT id FROM samband_outbox_relay WHERE id = 1")) {
      return rows.next();
    }
  }

  static void addLockRow(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("INSERT INTO samband_outbox_relay (id) VALUES (1)");
    } catch (SQLException e) {
      // Another node may have added it at the same moment.
      if (!hasLockRow(connection)) {
        throw e;
      }
    }
  }
}
