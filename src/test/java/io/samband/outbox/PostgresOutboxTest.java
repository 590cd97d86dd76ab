package io.samband.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PostgresOutboxTest extends OutboxContract {
  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server = PostgresServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Override
  protected Connection connect() throws SQLException {
    return server.connect();
  }

  /** Of a node without power the database would learn after two hours, and nobody could relay meanwhile. */
  @Test
  void theRoundOfANodeThatIsGoneIsEndedByTheDatabaseAndNothingElseIs() throws SQLException {
    OutboxTable table = new OutboxTable(Dialect.POSTGRESQL);
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      assertThat(table.lock(connection)).isTrue();
      assertThat(idleLimit(connection)).isEqualTo("30s");
      connection.commit();
      assertThat(idleLimit(connection)).isEqualTo("0");
    }
  }

  private static String idleLimit(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SHOW idle_in_transaction_session_timeout")) {
      rows.next();
      return rows.getString(1);
    }
  }
}
