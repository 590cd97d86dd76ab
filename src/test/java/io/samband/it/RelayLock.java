package io.samband.it;

import jakarta.annotation.Resource;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * The lock that a relay needs. An enterprise bean, because Payara takes a connection that a servlet has open into each
 * transaction that begins meanwhile, and its lock ends with the first of them.
 */
@Stateless
@TransactionAttribute(TransactionAttributeType.REQUIRES_NEW)
public class RelayLock {
  @Resource(lookup = "java:comp/DefaultDataSource")
  private DataSource dataSource;

  /** Holds it while something else happens. */
  public void whileHeld(Runnable deed) {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      // Waits for a relay that has it, which is a matter of milliseconds.
      if (statement.executeUpdate("UPDATE samband_outbox_relay SET id = id WHERE id = 1") != 1) {
        throw new IllegalStateException("no row to lock");
      }
      deed.run();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
