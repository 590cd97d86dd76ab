package io.samband.outbox;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

class H2OutboxTest extends OutboxContract {
  @Override
  protected Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:h2:mem:outbox;DB_CLOSE_DELAY=-1");
  }
}
