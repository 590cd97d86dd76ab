package io.samband.log.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import io.samband.event.Audience;
import io.samband.log.Epochs;
import io.samband.log.EventFilter;
import io.samband.log.EventHeader;
import io.samband.log.Gap;
import io.samband.log.LogEngine.Scan;
import io.samband.log.LogState;
import io.samband.log.PageBuilder;
import io.samband.log.shared.FencedException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** All that reads, by any number of threads, through a small pool of connections. */
final class Pages implements AutoCloseable {
  /** Those of the pending log's readers, of the tail and of verdicts. */
  private static final int CONNECTIONS = 6;

  private static final long CONNECTION_MILLIS = 2_000;
  private static final long VALIDATION_MILLIS = 1_000;
  private static final long IDLE_MILLIS = 60_000;

  // One answer is held in memory.
  private static final int ROWS_PER_QUERY = 1_024;

  private static final String SOME = "SELECT event_offset, type, audience,"
      + " CASE WHEN cardinality(?::text[]) = 0 OR type = ANY (?::text[]) THEN json END"
      + " FROM event WHERE event_offset > ? AND event_offset <= ?"
      // The bytes of one answer are bounded, too, but for its first event.
      + " AND total_bytes <= ? + (SELECT total_bytes FROM event WHERE event_offset = ?)"
      + " AND ? = (SELECT name FROM epoch ORDER BY number DESC LIMIT 1)"
      + " ORDER BY event_offset LIMIT " + ROWS_PER_QUERY;

  private static final String NEWEST_EPOCH = "SELECT name FROM epoch ORDER BY number DESC LIMIT 1";

  // One statement, so that all of it is of one moment.
  private static final String HEAD = "SELECT e.name, e.incarnation = incarnation(),"
      + " m.trimmed_through, newest_offset(),"
      + " (SELECT string_agg(first_offset || '-' || last_offset, ',') FROM gap),"
      + " CASE WHEN e.name IS DISTINCT FROM ? THEN"
      + " (SELECT string_agg(name || '-' || first_offset, ',' ORDER BY number) FROM epoch) END"
      + " FROM meta m, (SELECT name, incarnation FROM epoch ORDER BY number DESC LIMIT 1) e";

  private final HikariDataSource pool;

  Pages(DataSource source) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("samband-log");
    config.setDataSource(source);
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(CONNECTION_MILLIS);
    config.setValidationTimeout(VALIDATION_MILLIS);
    config.setIdleTimeout(IDLE_MILLIS);
    // The server may be away when this node starts: it is asked, and waited for, elsewhere.
    config.setInitializationFailTimeout(-1);
    // A connection that has failed is let go of below. The pool would do it, too, but with a stack
    // trace in the log for each.
    config.setExceptionOverride(new SQLExceptionOverride() {
      @java.lang.Override
      public SQLExceptionOverride.Override adjudicate(SQLException failure) {
        return SQLExceptionOverride.Override.DO_NOT_EVICT;
      }
    });
    pool = new HikariDataSource(config);
  }

  /** Where the log stands. */
  LogState head(LogState seen) throws SQLException {
    try {
      return ask(connection -> head(connection, seen));
    } catch (SQLException e) {
      // For example a server that has become a standby: it keeps its connections.
      pool.getHikariPoolMXBean().softEvictConnections();
      throw e;
    }
  }

  private interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }

  private <T> T ask(Question<T> question) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      try {
        return question.ask(connection);
      } catch (SQLException e) {
        pool.evictConnection(connection);
        throw e;
      }
    }
  }

  /**
   * Where the log stands.
   *
   * @param seen an earlier answer, or null
   */
  static LogState head(Connection connection, LogState seen) throws SQLException {
    try (var query = connection.prepareStatement(HEAD)) {
      query.setString(1, seen == null ? null : seen.epoch());
      try (ResultSet row = query.executeQuery()) {
        if (!row.next() || !row.getBoolean(2)) {
          throw new FencedException(
              "the server of the shared log has restarted, or another one has taken over");
        }
        String epochs = row.getString(6);
        return new LogState(
            epochs == null ? seen.epochs() : epochs(epochs),
            row.getLong(3) + 1,
            row.getLong(4),
            gaps(row.getString(5)));
      }
    }
  }

  private static Epochs epochs(String text) {
    List<Epochs.Epoch> epochs = new ArrayList<>();
    for (String each : text.split(",", -1)) {
      String[] parts = each.split("-", -1);
      epochs.add(new Epochs.Epoch(parts[0], Long.parseLong(parts[1])));
    }
    return new Epochs(epochs);
  }

  private static List<Gap> gaps(String text) {
    List<Gap> gaps = new ArrayList<>();
    for (String each : text == null ? new String[0] : text.split(",", -1)) {
      String[] parts = each.split("-", -1);
      gaps.add(new Gap(Long.parseLong(parts[0]), Long.parseLong(parts[1])));
    }
    return gaps;
  }

  Scan read(long after, long through, EventFilter filter, int limit, int maxBytes, Epochs epochs)
      throws SQLException {
    PageBuilder page = new PageBuilder(after, filter, limit, maxBytes);
    return ask(connection -> {
      fill(connection, through, filter, maxBytes, epochs, page);
      return page.scan();
    });
  }

  private static void fill(
      Connection connection,
      long through,
      EventFilter filter,
      int maxBytes,
      Epochs epochs,
      PageBuilder page)
      throws SQLException {
    String[] types = filter.types().toArray(String[]::new);
    try (var query = connection.prepareStatement(SOME)) {
      query.setArray(1, connection.createArrayOf("text", types));
      query.setArray(2, connection.createArrayOf("text", types));
      query.setLong(5, maxBytes);
      query.setString(7, epochs.current());
      while (page.goesOn(through)) {
        query.setLong(3, page.through());
        query.setLong(4, Math.min(through, page.through() + ROWS_PER_QUERY));
        query.setLong(6, page.through() + 1);
        if (!fill(query, page, epochs)) {
          refuseOtherEpoch(connection, epochs);
          break;
        }
      }
    }
  }

  /** Whether there were rows, and each followed the one before. */
  private static boolean fill(PreparedStatement query, PageBuilder page, Epochs epochs)
      throws SQLException {
    boolean any = false;
    try (ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        long offset = rows.getLong(1);
        if (!page.isNext(offset)) {
          return any;
        }
        any = true;
        String audience = rows.getString(3);
        EventHeader header = new EventHeader(
            offset,
            rows.getString(2),
            audience == null ? Audience.EVERYBODY : Audience.parse(audience));
        if (!page.add(header, page.takes(header) ? rows.getBytes(4) : null, epochs)) {
          return true;
        }
      }
    }
    page.checkBounds();
    return any;
  }

  private static void refuseOtherEpoch(Connection connection, Epochs epochs) throws SQLException {
    try (var statement = connection.createStatement();
        ResultSet row = statement.executeQuery(NEWEST_EPOCH)) {
      if (!row.next() || !row.getString(1).equals(epochs.current())) {
        throw new FencedException("another epoch of the shared log has begun");
      }
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
