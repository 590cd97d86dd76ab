package io.samband.dispatch;

import jakarta.persistence.OptimisticLockException;
import jakarta.transaction.RollbackException;
import java.sql.SQLException;
import java.util.concurrent.Callable;

/**
 * Repeats a transaction that was rolled back because another one, perhaps of another node, was faster. When it looks again it
 * finds what the other one has written. Pure functions.
 */
final class Conflicts {
  /** More than ever needed: the second look finds the row, and has its lock or knows that its version is old. */
  private static final int ATTEMPTS = 5;

  private static final int MAX_DEPTH = 20;

  private Conflicts() {}

  /**
   * The answer of a transaction.
   *
   * @param transaction begins, and has committed when it returns
   * @throws RuntimeException what the transaction throws, if that is no conflict or remains one
   */
  static <T> T repeat(Callable<T> transaction) {
    for (int attempt = 1; ; attempt++) {
      try {
        return transaction.call();
      } catch (Exception e) {
        // Also a RollbackException that nobody declares: WildFly throws it when a commit fails.
        if (attempt == ATTEMPTS || !isConflict(e)) {
          throw e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
        }
      }
    }
  }

  /** Servers and providers of JPA wrap the reason differently. */
  private static boolean isConflict(Throwable thrown) {
    Throwable reason = thrown;
    for (int depth = 0; reason != null && depth < MAX_DEPTH; depth++) {
      if (reason instanceof OptimisticLockException
          || reason instanceof RollbackException
          || (reason instanceof SQLException sql && isConflict(sql.getSQLState()))) {
        return true;
      }
      reason = reason.getCause();
    }
    return false;
  }

  /** Class 23: the row is there already. Class 40: the database chose this transaction to give way. */
  private static boolean isConflict(String sqlState) {
    return sqlState != null && (sqlState.startsWith("23") || sqlState.startsWith("40"));
  }
}
