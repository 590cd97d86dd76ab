package io.samband.outbox;

import jakarta.annotation.Resource;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.transaction.HeuristicMixedException;
import jakarta.transaction.HeuristicRollbackException;
import jakarta.transaction.NotSupportedException;
import jakarta.transaction.RollbackException;
import jakarta.transaction.SystemException;
import jakarta.transaction.UserTransaction;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * Runs work in a transaction of its own. An enterprise bean, because only to its methods containers give what a data source
 * needs, also in a thread that is not theirs. Begins and commits by itself, because a failure of the container's would be
 * logged by the container every time.
 */
@Stateless
@TransactionManagement(TransactionManagementType.BEAN)
public class OutboxTransactions {
  @Resource
  private UserTransaction transaction;

  /** What is done with a connection; nothing of it stays if it throws. */
  @FunctionalInterface
  public interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /**
   * Runs work and commits it. Any thread.
   *
   * @throws SQLException if that failed; after a failed commit nobody knows whether the work was done
   */
  public <T> T call(DataSource dataSource, Work<T> work) throws SQLException {
    boolean done = false;
    try {
      transaction.begin();
      T result = on(dataSource, work);
      transaction.commit();
      done = true;
      return result;
    } catch (NotSupportedException
        | SystemException
        | RollbackException
        | HeuristicMixedException
        | HeuristicRollbackException e) {
      throw new SQLException("a transaction of the outbox failed: " + e.getMessage(), e);
    } finally {
      if (!done) {
        rollback();
      }
    }
  }

  private static <T> T on(DataSource dataSource, Work<T> work) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      return work.on(connection);
    }
  }

  private void rollback() {
    try {
      transaction.rollback();
    } catch (SystemException | IllegalStateException | SecurityException e) {
      // It has ended already, or its time limit ends it. The first failure is on its way to the
      // caller.
      System.getLogger(OutboxTransactions.class.getName())
          .log(System.Logger.Level.DEBUG, "[SSE] outbox: nothing to roll back", e);
    }
  }
}
