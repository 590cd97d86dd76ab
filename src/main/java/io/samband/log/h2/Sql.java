package io.samband.log.h2;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The two kinds of statement that the store needs most. */
final class Sql {
  private Sql() {}

  static void update(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The number that a query finds, or another one where there is no row, or NULL in it. */
  static long number(Connection connection, String sql, long parameter, long otherwise)
      throws SQLException {
    try (var query = connection.prepareStatement(sql)) {
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
}
