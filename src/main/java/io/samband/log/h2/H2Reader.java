package io.samband.log.h2;

import io.samband.log.Epochs;
import io.samband.log.EventHeader;
import io.samband.log.Gap;
import io.samband.log.LogUnavailableException;
import io.samband.log.PageBuilder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;

/** Reads pages of the file, by any number of threads; they must not be interrupted. */
final class H2Reader {
  // One query holds its rows in memory: with events of the largest size 32 of them are 2 MiB.
  private static final int ROWS_PER_QUERY = 32;

  private static final String COLUMNS = "SELECT event_offset, type, json FROM event WHERE ";
  private static final String SOME = COLUMNS + "event_offset > ? AND event_offset <= ?"
      + " ORDER BY event_offset FETCH FIRST " + ROWS_PER_QUERY + " ROWS ONLY";
  static final String ONE = COLUMNS + "event_offset = ?";

  /** Made when needed, used by one thread at a time, kept until the file is closed or fails. */
  private record Query(Connection connection, PreparedStatement some, PreparedStatement one) {
    void close() {
      try (connection;
          some) {
        one.close();
      } catch (SQLException e) {
        // It was of no use any more: the file is closed, or has failed.
      }
    }
  }

  /** One opening of the file. */
  private static final class Opening {
    final Deque<Query> idle = new ConcurrentLinkedDeque<>();

    void closeIdle() {
      for (Query query = idle.poll(); query != null; query = idle.poll()) {
        query.close();
      }
    }
  }

  private final H2File file;
  private volatile Opening opening;

  // A reader that connects after the file was closed would open it again.
  private final Object letGo = new Object();

  H2Reader(H2File file) {
    this.file = file;
  }

  void open() {
    opening = new Opening();
  }

  /** Before the file is closed: from now on nothing is read, until it is open again. */
  void letGo() {
    Opening past = opening;
    synchronized (letGo) {
      opening = null;
    }
    if (past != null) {
      past.closeIdle();
    }
  }

  /**
   * Fills a page.
   *
   * @return damage that was met after the page's last row, or null
   */
  Gap read(PageBuilder page, long through, Epochs epochs) {
    try {
      return attempt(page, through, epochs);
    } catch (SQLException | IllegalStateException e) {
      throw new LogUnavailableException(e.getMessage(), e);
    }
  }

  private Gap attempt(PageBuilder page, long through, Epochs epochs) throws SQLException {
    Opening now = opening;
    if (now == null) {
      throw new LogUnavailableException("it is not open");
    }
    Query query = query(now);
    boolean good = false;
    try {
      Gap damage = scan(query, page, through, epochs);
      good = true;
      return damage;
    } finally {
      if (good) {
        now.idle.push(query);
      } else {
        query.close();
      }
      if (opening != now) {
        now.closeIdle();
      }
    }
  }

  private static Gap scan(Query query, PageBuilder page, long through, Epochs epochs)
      throws SQLException {
    while (page.goesOn(through)) {
      query.some.setLong(1, page.through());
      query.some.setLong(2, through);
      try (ResultSet rows = query.some.executeQuery()) {
        if (!take(rows, page, epochs)) {
          break;
        }
      } catch (SQLException | RuntimeException e) {
        if (!Damage.is(e)) {
          throw e;
        }
        return scanSingly(query, page, through, epochs);
      }
    }
    return null;
  }

  /** Row by row up to the damage: a query for many rows fails as a whole, also for those before. */
  private static Gap scanSingly(Query query, PageBuilder page, long through, Epochs epochs)
      throws SQLException {
    for (int row = 0; row < ROWS_PER_QUERY && page.goesOn(through); row++) {
      query.one.setLong(1, page.through() + 1);
      try (ResultSet rows = query.one.executeQuery()) {
        if (!take(rows, page, epochs)) {
          return null;
        }
      } catch (SQLException | RuntimeException e) {
        if (!Damage.is(e)) {
          throw e;
        }
        long bad = page.through() + 1;
        return Damage.around(bad, 1, through, offset -> look(query.one, offset));
      }
    }
    return null;
  }

  /** Whether there were rows, and each followed the one before. */
  private static boolean take(ResultSet rows, PageBuilder page, Epochs epochs) throws SQLException {
    boolean any = false;
    while (rows.next()) {
      long offset = rows.getLong(1);
      // A missing row means that trimming has overtaken this reader; the caller looks again at what
      // is kept.
      if (!page.isNext(offset)) {
        return false;
      }
      EventHeader header = TypeColumn.read(offset, rows.getString(2));
      byte[] json = page.takes(header) ? rows.getBytes(3) : null;
      if (!page.add(header, json, epochs)) {
        return true;
      }
      any = true;
    }
    page.checkBounds();
    return any;
  }

  /** Reads one row whole. */
  static void look(PreparedStatement one, long offset) throws SQLException {
    one.setLong(1, offset);
    try (ResultSet rows = one.executeQuery()) {
      if (rows.next()) {
        rows.getString(2);
        rows.getBytes(3);
      }
    }
  }

  private Query query(Opening now) throws SQLException {
    Query idle = now.idle.poll();
    if (idle != null) {
      return idle;
    }
    Connection connection;
    synchronized (letGo) {
      if (opening != now) {
        throw new LogUnavailableException("it was just closed");
      }
      connection = file.connect();
    }
    try {
      return new Query(
          connection, connection.prepareStatement(SOME), connection.prepareStatement(ONE));
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }
}
