package io.samband.outbox;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;

/** What differs between databases; {@code docs/outbox.md} has the same tables for those who make them by hand. */
enum Dialect {
  POSTGRESQL("PostgreSQL", "BYTEA", "SET LOCAL idle_in_transaction_session_timeout = '30s'", true),
  H2("H2", "VARBINARY(1048576)", null, false),
  OTHER(null, null, null, false);

  private static final String RELAY_TABLE =
      "CREATE TABLE IF NOT EXISTS samband_outbox_relay (id INTEGER PRIMARY KEY)";

  private final String product;
  private final String bytesType;
  private final String beforeRound;
  private final boolean failureAbortsTransaction;

  Dialect(String product, String bytesType, String beforeRound, boolean failureAbortsTransaction) {
    this.product = product;
    this.bytesType = bytesType;
    this.beforeRound = beforeRound;
    this.failureAbortsTransaction = failureAbortsTransaction;
  }

  static Dialect of(Connection connection) throws SQLException {
    String name = connection.getMetaData().getDatabaseProductName();
    return Arrays.stream(values())
        .filter(dialect -> name.equals(dialect.product))
        .findAny()
        .orElse(OTHER);
  }

  /** As JDBC drivers name the database. */
  String product() {
    return product;
  }

  /** The statements that make the tables where they are missing; none if they are not known for this database. */
  List<String> tables() {
    if (bytesType == null) {
      return List.of();
    }
    String table = "CREATE TABLE IF NOT EXISTS samband_outbox ("
        + "id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
        + " event_key VARCHAR(36) NOT NULL,"
        + " type VARCHAR(64) NOT NULL,"
        + " audience VARCHAR(4096),"
        + " json " + bytesType + " NOT NULL,"
        + " created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL)";
    return List.of(table, RELAY_TABLE);
  }

  /**
   * A statement for each round of the relay, or null: it ends the round of a node that has lost its power or its network, and
   * would otherwise hold the lock until TCP notices, two hours later by default.
   */
  String beforeRound() {
    return beforeRound;
  }

  /** Whether the caller's transaction can do nothing more after one statement has failed, unless there is a savepoint. */
  boolean failureAbortsTransaction() {
    return failureAbortsTransaction;
  }
}
