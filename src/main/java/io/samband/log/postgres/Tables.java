package io.samband.log.postgres;

import io.samband.log.LogOpenException;
import io.samband.log.LogUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Checks that a server can be relied on, and that it has the tables of a format that this version knows; makes them if there are none. */
final class Tables {
  /** The format that this version reads and writes. */
  static final int FORMAT = 1;

  private static final int OLDEST_SERVER = 120_000;

  // One of each script tells whether it has been run.
  private static final String LOG_TABLE = "meta";
  private static final String PRESENCE = "presence_node";

  private Tables() {}

  /**
   * Looks at the server through a connection to it.
   *
   * @throws LogOpenException if it has to be changed first; says how
   * @throws LogUnavailableException if it may do later, for example because it is about to be promoted
   */
  static void check(Connection connection, PostgresSettings settings) throws SQLException {
    try (var statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_is_in_recovery(),"
            + " current_setting('server_version_num')::int, current_setting('server_version'),"
            + " current_setting('server_encoding'), current_setting('fsync'),"
            + " current_setting('synchronous_standby_names'),"
            + " current_setting('transaction_read_only')")) {
      row.next();
      if (row.getInt(2) < OLDEST_SERVER) {
        throw refused(settings, "is PostgreSQL " + row.getString(3), "use version 12 or later");
      }
      if (row.getBoolean(1)) {
        throw new LogUnavailableException("[SSE] the shared log at " + settings.shownUrl()
            + " is a standby, which cannot be written; name the primary, or all servers separated by commas,"
            + " in samband.postgresql.url");
      }
      if (row.getString(7).equals("on")) {
        throw new LogUnavailableException("[SSE] the shared log at " + settings.shownUrl()
            + " is read-only; set default_transaction_read_only to off");
      }
      if (!row.getString(4).equals("UTF8")) {
        throw refused(
            settings,
            "has the encoding " + row.getString(4),
            "make a database with ENCODING 'UTF8'");
      }
      if (!row.getString(5).equals("on")) {
        throw refused(
            settings, "runs with fsync = " + row.getString(5), "set it to on, or events get lost");
      }
      if (settings.synchronous() && row.getString(6).isBlank()) {
        throw refused(
            settings,
            "has no synchronous standby, which samband.postgresql.synchronous=true demands",
            "set synchronous_standby_names there");
      }
    }
  }

  private static LogOpenException refused(PostgresSettings settings, String what, String cure) {
    return new LogOpenException(
        "[SSE] the shared log at " + settings.shownUrl() + ' ' + what + "; " + cure);
  }

  /**
   * Makes the schema and the tables if there are none.
   *
   * @throws LogOpenException if they are of a later format
   */
  static void prepare(Connection connection, PostgresSettings settings) throws SQLException {
    connection.setAutoCommit(false);
    try {
      if (!exists(connection, settings.schema(), LOG_TABLE)) {
        make(connection, settings.schema());
      }
      int format = format(connection);
      if (format > FORMAT) {
        throw refused(
            settings,
            "was written by a newer version of Samband (format " + format + ", this one knows "
                + FORMAT + "); nothing was changed",
            "install that version again, or name another samband.postgresql.schema");
      }
      connection.commit();
    } catch (SQLException | RuntimeException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(true);
    }
  }

  /**
   * Makes the tables of presence if there are none, and the schema is there. Older versions, which do not know them, are not disturbed: so
   * they do not change the format.
   */
  static void preparePresence(Connection connection, PostgresSettings settings)
      throws SQLException {
    connection.setAutoCommit(false);
    try {
      if (!exists(connection, settings.schema(), PRESENCE)) {
        lock(connection, settings.schema());
        if (!exists(connection, settings.schema(), PRESENCE)) {
          run(connection, "presence-1.sql");
        }
      }
      connection.commit();
    } catch (SQLException | RuntimeException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(true);
    }
  }

  /** Reads the catalog: {@code to_regclass} may still answer what was true before the lock. */
  private static boolean exists(Connection connection, String schema, String table)
      throws SQLException {
    return isThere(
        connection,
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = ? AND tablename = ?)",
        schema,
        table);
  }

  /** Of two nodes that start together, one waits for the other. */
  private static void lock(Connection connection, String schema) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_xact_lock(1935764836, hashtext('" + schema + "'))");
    }
  }

  private static void run(Connection connection, String script) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(read(script));
    }
  }

  private static boolean isThere(Connection connection, String sql, String... names)
      throws SQLException {
    try (var query = connection.prepareStatement(sql)) {
      for (int i = 0; i < names.length; i++) {
        query.setString(i + 1, names[i]);
      }
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  private static void make(Connection connection, String schema) throws SQLException {
    lock(connection, schema);
    if (exists(connection, schema, LOG_TABLE)) {
      return;
    }
    // Not IF NOT EXISTS, which needs the right to make a schema even if it is there.
    if (!isThere(
        connection,
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = ?)",
        schema)) {
      try (var statement = connection.createStatement()) {
        statement.execute("CREATE SCHEMA \"" + schema + '"');
      }
    }
    run(connection, "format-1.sql");
  }

  private static int format(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT format FROM meta")) {
      row.next();
      return row.getInt(1);
    }
  }

  private static String read(String script) {
    try (InputStream in = Tables.class.getResourceAsStream(script)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
