package io.samband.outbox;

import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * Writes in the transaction of the calling thread. An enterprise bean, because Payara gives a connection the transaction of the
 * component that runs, not that of the thread, and just before a commit the component has left its transaction already.
 */
@Stateless
@TransactionAttribute(TransactionAttributeType.MANDATORY)
public class CallersTransaction {
  /** What is written with a connection. */
  @FunctionalInterface
  public interface Write {
    void on(Connection connection) throws SQLException;
  }

  /**
   * Writes, and does not commit.
   *
   * @throws SQLException for every failure, because for other exceptions the container would roll the transaction back
   */
  public void call(DataSource dataSource, Write write) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      write.on(connection);
    } catch (RuntimeException | Error e) {
      throw new SQLException(e);
    }
  }
}
