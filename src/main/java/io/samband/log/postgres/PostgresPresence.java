package io.samband.log.postgres;

import io.samband.presence.PresenceStore;
import io.samband.presence.PresenceUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Presence in two tables beside the log, over a connection of its own. Each method is one statement or a few, and each
 * statement a commit of its own that waits for no disk.
 */
public final class PostgresPresence implements PresenceStore {
  private static final System.Logger LOG = System.getLogger(PostgresPresence.class.getName());

  private static final int ANSWER_SECONDS = 3;
  private static final int LOCK_MILLIS = 2_000;

  // The same within one statement. Clock of the server.
  private static final String LEASE_END =
      "statement_timestamp() + interval '" + LEASE.toMillis() + " milliseconds'";

  private static final String RENEW = "UPDATE presence_node SET newest_event = ?,"
      + " renewed_at = statement_timestamp(), ends_at = " + LEASE_END + " WHERE incarnation = ?";

  private static final String BEGIN = "INSERT INTO presence_node"
      + " (newest_event, incarnation, name, renewed_at, ends_at, version, forgotten)"
      + " VALUES (?, ?, ?, statement_timestamp(), " + LEASE_END + ", ?, ?)";

  // Not if the lease is not there: then all of it is published anew with the next one.
  // Nor over a later version: a server that was frozen executes what nobody waits for any more.
  private static final String PUBLISH = "WITH node AS ("
      + " UPDATE presence_node SET version = ? WHERE incarnation = ? AND version < ?"
      + " RETURNING incarnation, version)"
      + " INSERT INTO presence_stream (incarnation, version, id, stream)"
      + " SELECT n.incarnation, n.version, c.id, c.stream"
      + " FROM node n, unnest(?::bigint[], ?::text[]) AS c(id, stream)"
      + " ON CONFLICT (incarnation, id)"
      + " DO UPDATE SET version = EXCLUDED.version, stream = EXCLUDED.stream";

  // One statement, so that all of it is of one moment.
  private static final String READ = "WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS at),"
      + " alive AS MATERIALIZED (SELECT n.*,"
      + " CASE WHEN w.version >= n.forgotten THEN w.version END AS since"
      + " FROM clock, presence_node n LEFT JOIN unnest(?::text[], ?::bigint[])"
      + " AS w(incarnation, version) USING (incarnation) WHERE n.ends_at > clock.at)"
      + " SELECT clock.at, a.incarnation, a.name, a.newest_event, a.renewed_at, a.ends_at,"
      + " a.version, a.since IS NULL, s.id, s.stream"
      + " FROM clock LEFT JOIN alive a ON true LEFT JOIN presence_stream s"
      + " ON s.incarnation = a.incarnation AND s.version > coalesce(a.since, -1)"
      + " ORDER BY a.incarnation, s.version";

  // Never less: a lease that has begun meanwhile has forgotten more.
  private static final String FORGET =
      "UPDATE presence_node SET forgotten = greatest(forgotten, ?) WHERE incarnation = ?";

  private static final String REMOVE_ENDED =
      "DELETE FROM presence_stream" + " WHERE incarnation = ? AND version <= ? AND stream IS NULL";

  private static final String REMOVE_GONE = "WITH gone AS (DELETE FROM presence_node"
      + " WHERE ends_at < clock_timestamp() - interval '1 minute' RETURNING incarnation)"
      + " DELETE FROM presence_stream s USING gone WHERE s.incarnation = gone.incarnation";

  private static final String REMOVE_STREAMS = "DELETE FROM presence_stream WHERE incarnation = ?";

  private static final String REMOVE_NODE = "DELETE FROM presence_node WHERE incarnation = ?";

  private final PostgresSettings settings;
  private final String incarnation;
  private final Connector connector;
  private Connection open;

  /**
   * Connects when it is first used.
   *
   * @param incarnation of this node: another one for each start
   */
  public PostgresPresence(PostgresSettings settings, String incarnation) {
    this.settings = settings;
    this.incarnation = incarnation;
    this.connector = new Connector(settings, "presence", ANSWER_SECONDS, LOCK_MILLIS);
  }

  private interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  private <T> T call(String what, Work<T> work) {
    try {
      if (open == null) {
        open = connect();
      }
      return work.on(open);
    } catch (SQLException | RuntimeException e) {
      // The answer may still come, and must not be taken for that of a later statement.
      close();
      throw new PresenceUnavailableException(
          settings.shownUrl() + ": cannot " + what + ": " + e.getMessage(), e);
    }
  }

  private Connection connect() throws SQLException {
    Connection connection = connector.getConnection();
    try {
      try (var statement = connection.createStatement()) {
        statement.execute("SET synchronous_commit = 'off'");
      }
      Tables.preparePresence(connection, settings);
      return connection;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  @Override
  public boolean renew(String cursor, long version) {
    return call("renew the lease", connection -> {
      if (update(connection, RENEW, cursor, incarnation) == 1) {
        return true;
      }
      // Of an earlier lease.
      update(connection, REMOVE_STREAMS, incarnation);
      update(connection, BEGIN, cursor, incarnation, settings.node(), version, version);
      return false;
    });
  }

  private static int update(Connection connection, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      return statement.executeUpdate();
    }
  }

  @Override
  public void publish(long version, List<Change> changes) {
    call(
        "publish",
        connection -> update(
            connection,
            PUBLISH,
            version,
            incarnation,
            version,
            connection.createArrayOf("bigint", changes.stream().map(Change::id).toArray()),
            connection.createArrayOf("text", changes.stream().map(Change::json).toArray())));
  }

  @Override
  public Reading read(Map<String, Long> seen) {
    return call("read", connection -> {
      List<String> nodes = List.copyOf(seen.keySet());
      try (var query = connection.prepareStatement(READ)) {
        query.setArray(1, connection.createArrayOf("text", nodes.toArray()));
        query.setArray(
            2, connection.createArrayOf("bigint", nodes.stream().map(seen::get).toArray()));
        try (ResultSet rows = query.executeQuery()) {
          return reading(rows);
        }
      }
    });
  }

  private static Reading reading(ResultSet rows) throws SQLException {
    Instant asOf = null;
    List<PublishedNode> nodes = new ArrayList<>();
    List<Change> changes = new ArrayList<>();
    PublishedNode node = null;
    while (rows.next()) {
      asOf = time(rows, 1);
      String incarnation = rows.getString(2);
      if (incarnation == null) {
        // No node has a lease.
        break;
      }
      if (node == null || !incarnation.equals(node.incarnation())) {
        finish(node, changes, nodes);
        node = node(rows);
      }
      long id = rows.getLong(9);
      if (!rows.wasNull()) {
        changes.add(new Change(id, rows.getString(10)));
      }
    }
    finish(node, changes, nodes);
    return new Reading(asOf, nodes);
  }

  private static PublishedNode node(ResultSet rows) throws SQLException {
    return new PublishedNode(
        rows.getString(2),
        rows.getString(3),
        rows.getString(4),
        time(rows, 5),
        time(rows, 6),
        rows.getLong(7),
        rows.getBoolean(8),
        List.of());
  }

  private static void finish(PublishedNode node, List<Change> changes, List<PublishedNode> nodes) {
    if (node != null) {
      nodes.add(node.with(changes));
      changes.clear();
    }
  }

  private static Instant time(ResultSet rows, int column) throws SQLException {
    return rows.getTimestamp(column).toInstant();
  }

  @Override
  public void tidy(long version) {
    call("tidy up", connection -> {
      // In this order: whoever has not seen an end that is not there any more reads everything.
      update(connection, FORGET, version, incarnation);
      update(connection, REMOVE_ENDED, incarnation, version);
      return update(connection, REMOVE_GONE);
    });
  }

  @Override
  public void leave() {
    call("end the lease", connection -> {
      update(connection, REMOVE_NODE, incarnation);
      return update(connection, REMOVE_STREAMS, incarnation);
    });
  }

  @Override
  public void close() {
    Connection past = open;
    open = null;
    if (past != null) {
      try {
        past.close();
      } catch (SQLException e) {
        LOG.log(System.Logger.Level.DEBUG, "[SSE] a connection could not be closed", e);
      }
    }
  }
}
