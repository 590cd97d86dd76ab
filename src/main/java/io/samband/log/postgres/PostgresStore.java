package io.samband.log.postgres;

import io.samband.log.Epochs;
import io.samband.log.EventFilter;
import io.samband.log.LogEngine.Batch;
import io.samband.log.LogEngine.Scan;
import io.samband.log.LogState;
import io.samband.log.LogUnavailableException;
import io.samband.log.Retention;
import io.samband.log.shared.SharedStore;
import java.sql.Connection;
import java.sql.SQLException;

/** A log on a PostgreSQL server. */
public final class PostgresStore implements SharedStore {
  private static final System.Logger LOG = System.getLogger(PostgresStore.class.getName());

  /** Above what a commit takes on a busy disk. An append that has not ended by then goes on in the server, and is asked for again. */
  private static final int ANSWER_SECONDS = 5;

  /** Of those who wait behind an append that waits for a standby, none is left in the server when its node has given up. */
  private static final int LOCK_MILLIS = 4_000;

  private final PostgresSettings settings;

  private volatile Session session;
  private volatile Pages pages;
  private volatile Growth growth;

  public PostgresStore(PostgresSettings settings) {
    this.settings = settings;
  }

  private Connector connector(String purpose) {
    return new Connector(settings, purpose, ANSWER_SECONDS, LOCK_MILLIS);
  }

  @Override
  public LogState open(long known) {
    letGoOfSession();
    Connection connection = null;
    try {
      connection = connector("append").getConnection();
      Tables.check(connection, settings);
      Tables.prepare(connection, settings);
      Session opened = new Session(connection);
      opened.open(known, settings.node());
      LogState state = Pages.head(connection, null);
      if (pages == null) {
        pages = new Pages(connector("read"));
        growth = new Growth(connector("notify"));
      }
      session = opened;
      return state;
    } catch (SQLException e) {
      discard(connection);
      throw new LogUnavailableException(
          "[SSE] the shared log at " + settings.shownUrl() + " cannot be opened: " + e.getMessage(),
          e);
    } catch (RuntimeException | Error e) {
      discard(connection);
      throw e;
    }
  }

  @Override
  public Appended append(String epoch, Batch batch) {
    try {
      return opened(session).append(epoch, batch);
    } catch (SQLException e) {
      throw new LogUnavailableException("cannot append: " + e.getMessage(), e);
    }
  }

  @Override
  public void tellGrowth() {
    Growth telling = growth;
    if (telling != null) {
      telling.tell();
    }
  }

  @Override
  public LogState head(LogState seen) {
    try {
      return opened(pages).head(seen);
    } catch (SQLException e) {
      throw new LogUnavailableException("cannot be asked: " + e.getMessage(), e);
    }
  }

  @Override
  public void awaitGrowth(long maxMillis) {
    opened(growth).await(maxMillis);
  }

  @Override
  public Scan read(
      long after, long through, EventFilter filter, int limit, int maxBytes, Epochs epochs) {
    try {
      return opened(pages).read(after, through, filter, limit, maxBytes, epochs);
    } catch (SQLException e) {
      throw new LogUnavailableException("cannot read: " + e.getMessage(), e);
    }
  }

  @Override
  public Trimmed trim(Retention retention) {
    try {
      return opened(session).trim(retention);
    } catch (SQLException e) {
      throw new LogUnavailableException("cannot trim: " + e.getMessage(), e);
    }
  }

  private static <T> T opened(T part) {
    if (part == null) {
      throw new LogUnavailableException("the shared log is not open");
    }
    return part;
  }

  private void letGoOfSession() {
    Session past = session;
    session = null;
    if (past != null) {
      discard(past.connection());
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
    letGoOfSession();
    Pages reading = pages;
    Growth telling = growth;
    pages = null;
    growth = null;
    if (telling != null) {
      telling.close();
      reading.close();
    }
    try {
      Connector.deregister();
    } catch (SQLException e) {
      LOG.log(System.Logger.Level.WARNING, "[SSE] the PostgreSQL driver stays registered", e);
    }
  }
}
