package io.samband.log;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/** Reads pages of the file, for any thread, by a few of its own. */
final class H2Reader {
  // One query holds its rows in memory: with events of the largest size 32 of them are 2 MiB.
  private static final int ROWS_PER_QUERY = 32;

  // So many, because each of them holds a page in memory, and the disk is not faster for more.
  private static final int READERS = 4;

  private static final String READ =
      "SELECT event_offset, type, json FROM event WHERE event_offset > ?"
          + " AND event_offset <= ? ORDER BY event_offset FETCH FIRST " + ROWS_PER_QUERY
          + " ROWS ONLY";

  /** What reads: made when needed, used by one reader at a time, kept until the store is closed or fails. */
  private record Query(Connection connection, PreparedStatement statement) {
    void close() {
      try (connection) {
        statement.close();
      } catch (SQLException e) {
        // It was of no use any more: the store is closed, or has failed.
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

  // Threads of our own: an interrupt closes a FileChannel under everybody who uses it, and
  // containers interrupt the threads of requests.
  private final ExecutorService readers = Executors.newFixedThreadPool(READERS, task -> {
    Thread thread = new Thread(task, "samband-read");
    thread.setDaemon(true);
    return thread;
  });

  private volatile Opening opening;

  // A reader that connects after the store was closed would open the file again.
  private final Object letGo = new Object();

  H2Reader(H2File file) {
    this.file = file;
  }

  void open() {
    opening = new Opening();
  }

  /** Before the file is closed: from now on nobody is let in, until it is open again. */
  void letGo() {
    Opening past = opening;
    synchronized (letGo) {
      opening = null;
    }
    if (past != null) {
      past.closeIdle();
    }
  }

  void close() {
    letGo();
    readers.shutdown();
  }

  Store.Scan read(
      long after, long through, Epochs epochs, EventFilter filter, int limit, int maxBytes) {
    Future<Store.Scan> scan;
    try {
      var page = new PageBuilder(after, filter, limit, maxBytes);
      scan = readers.submit(() -> read(page, through, epochs));
    } catch (RejectedExecutionException e) {
      throw new LogUnavailableException("the event log is closed", e);
    }
    try {
      return scan.get();
    } catch (ExecutionException e) {
      throw new LogUnavailableException(
          "the event log cannot be read: " + e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("interrupted while reading the event log", e);
    }
  }

  private Store.Scan read(PageBuilder page, long through, Epochs epochs) throws SQLException {
    Opening now = opening;
    if (now == null) {
      throw new LogUnavailableException("it is not open");
    }
    Query query = query(now);
    boolean good = false;
    try {
      while (page.goesOn(through)) {
        query.statement.setLong(1, page.through);
        query.statement.setLong(2, through);
        try (ResultSet rows = query.statement.executeQuery()) {
          if (!page.take(rows, epochs)) {
            break;
          }
        }
      }
      good = true;
      return new Store.Scan(page.events, page.through);
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
      return new Query(connection, connection.prepareStatement(READ));
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }
}
