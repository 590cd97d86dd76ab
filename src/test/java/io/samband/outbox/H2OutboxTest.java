package io.samband.outbox;

import java.sql.Connection;
import java.sql.SQLException;
import org.h2.jdbcx.JdbcDataSource;

class H2OutboxTest extends OutboxContract {
  @Override
  protected Connection connect() throws SQLException {
    // Not through the driver manager: an engine that another test closes takes the driver off its
    // list.
    var dataSource = new JdbcDataSource();
    dataSource.setURL("jdbc:h2:mem:outbox;DB_CLOSE_DELAY=-1");
    return dataSource.getConnection();
  }
}
