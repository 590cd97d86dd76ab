package io.samband.it;

import io.samband.event.SSEEvent;
import jakarta.annotation.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.transaction.Transactional;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** A module with a transaction of its own beside that of its caller. */
@ApplicationScoped
public class AnotherTransaction {
  @Resource(lookup = "java:comp/DefaultDataSource")
  private DataSource dataSource;

  @Inject
  private Event<SSEEvent> push;

  /** Fires events of these types, and commits. */
  @Transactional(Transactional.TxType.REQUIRES_NEW)
  public void fire(String... types) {
    for (String type : types) {
      push.fire(SSEEvent.of(type, null));
    }
  }

  /** How many rows others can see. */
  @Transactional(Transactional.TxType.REQUIRES_NEW)
  public int rows(String table) {
    return rows(dataSource, table);
  }

  static int rows(DataSource dataSource, String table) {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
      rows.next();
      return rows.getInt(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
