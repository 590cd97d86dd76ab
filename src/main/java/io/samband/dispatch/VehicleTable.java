package io.samband.dispatch;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** The table of the vehicles: made where it is missing, never changed and never dropped. */
final class VehicleTable {
  private static final String READ =
      "SELECT id, status, version, updated_at FROM samband_vehicle WHERE 1 = 0";
  private static final String CREATE =
      "CREATE TABLE samband_vehicle (id VARCHAR(32) PRIMARY KEY, status VARCHAR(32) NOT NULL,"
          + " version BIGINT NOT NULL, updated_at VARCHAR(24) NOT NULL)";

  private VehicleTable() {}

  /**
   * Makes the table if it cannot be read. Another node may do the same at the same moment.
   *
   * @param connection one that commits by itself
   * @throws SQLException if there is no table afterwards, or it has other columns
   */
  static void createIfMissing(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (!isReadable(statement)) {
        create(statement);
      }
    }
  }

  private static boolean isReadable(Statement statement) {
    try {
      statement.executeQuery(READ).close();
      return true;
    } catch (SQLException e) {
      // Why, is said by the attempt to make it.
      return false;
    }
  }

  private static void create(Statement statement) throws SQLException {
    try {
      statement.execute(CREATE);
    } catch (SQLException e) {
      if (!isReadable(statement)) {
        throw e;
      }
    }
  }
}
