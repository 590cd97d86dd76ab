package io.samband.log.postgres;

import io.samband.concurrent.NamedThreads;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Tells other nodes that the log has grown, and hears it from them, through {@code NOTIFY} on connections of its own. All of it
 * may fail at any time: then growth is found by looking.
 *
 * <p>Not within an append: a {@code NOTIFY} there would hold up those of the whole server while a standby is slow. By itself it
 * waits neither for the disk nor for a standby, because its transaction writes nothing.
 */
final class Growth implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Growth.class.getName());

  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** A connection that has died without a word is noticed after this. */
  private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final int CHECK_SECONDS = 2;
  private static final String CHANNEL = "SELECT 'samband_' || 'event'::regclass::oid";

  private final DataSource connector;
  private final String self = UUID.randomUUID().toString();
  private final CountDownLatch closed = new CountDownLatch(1);

  // What is told while a NOTIFY is under way is told by one more.
  private final AtomicBoolean grown = new AtomicBoolean();
  private final Semaphore wake = new Semaphore(0);

  // Only the thread that tells uses it.
  private Connection telling;
  private String channel;

  // Only the thread that waits uses these.
  private volatile Connection hearing;
  private long notBeforeNanos = System.nanoTime();
  private long checkedNanos;

  Growth(DataSource connector) {
    this.connector = connector;
    new NamedThreads("samband-log-notify").newThread(this::tellAll).start();
  }

  void tell() {
    if (!grown.getAndSet(true)) {
      wake.release();
    }
  }

  private void tellAll() {
    try {
      while (closed.getCount() > 0) {
        wake.acquire();
        grown.set(false);
        tellOnce();
      }
    } catch (InterruptedException e) {
      // Nobody interrupts this thread but the JVM's end.
      Thread.currentThread().interrupt();
    } finally {
      discard(telling);
    }
  }

  private void tellOnce() {
    if (closed.getCount() == 0) {
      return;
    }
    try {
      if (telling == null) {
        telling = connector.getConnection();
        channel = channel(telling);
      }
      try (var statement = telling.createStatement()) {
        statement.execute("NOTIFY " + channel + ", '" + self + '\'');
      }
    } catch (SQLException | RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "[SSE] other nodes were not told of growth", e);
      discard(telling);
      telling = null;
    }
  }

  private static String channel(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        ResultSet row = statement.executeQuery(CHANNEL)) {
      row.next();
      return row.getString(1);
    }
  }

  /** Returns when another node has told of growth, or after the time. */
  void await(long maxMillis) {
    long begun = System.nanoTime();
    try {
      if (hearing == null && begun - notBeforeNanos >= 0 && closed.getCount() > 0) {
        listen(begun);
        // What was told before is not heard: the caller looks at once.
        return;
      }
      if (hearing != null) {
        check(begun);
        hear(begun, maxMillis);
        return;
      }
    } catch (SQLException | RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "[SSE] other nodes are not heard at the moment", e);
      discard(hearing);
      hearing = null;
      notBeforeNanos = System.nanoTime() + RETRY_NANOS;
    }
    rest(maxMillis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
  }

  private void listen(long now) throws SQLException {
    Connection made = connector.getConnection();
    try (var statement = made.createStatement()) {
      statement.execute("LISTEN " + channel(made));
    } catch (SQLException e) {
      discard(made);
      throw e;
    }
    checkedNanos = now;
    hearing = made;
    if (closed.getCount() == 0) {
      // close() may have looked for it before.
      discard(made);
    }
  }

  private void check(long now) throws SQLException {
    if (now - checkedNanos > CHECK_NANOS) {
      checkedNanos = now;
      if (!hearing.isValid(CHECK_SECONDS)) {
        throw new SQLException("the connection that listens is dead");
      }
    }
  }

  private void hear(long begun, long maxMillis) throws SQLException {
    PGConnection connection = hearing.unwrap(PGConnection.class);
    long left = maxMillis;
    while (left > 0 && closed.getCount() > 0) {
      // 0 would be without a limit.
      PGNotification[] news = connection.getNotifications((int) left);
      for (PGNotification each : news == null ? new PGNotification[0] : news) {
        if (!self.equals(each.getParameter())) {
          return;
        }
      }
      left = maxMillis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
    }
  }

  private void rest(long millis) {
    try {
      var unused = closed.await(Math.max(1, millis), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void discard(Connection connection) {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException e) {
      LOG.log(System.Logger.Level.DEBUG, "[SSE] a connection could not be closed", e);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    wake.release();
    try {
      Connection waiting = hearing;
      if (waiting != null) {
        // close() would leave the thread that waits where it is.
        waiting.abort(Runnable::run);
      }
    } catch (SQLException e) {
      LOG.log(System.Logger.Level.DEBUG, "[SSE] a connection could not be closed", e);
    }
  }
}
