package io.samband.log.postgres;

import io.samband.log.LogUnavailableException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Makes connections to the primary, each with limits on how long it waits. A parameter of the URL is stronger than what is set
 * here. Thread-safe.
 *
 * <p>The driver is used directly: through {@link java.sql.DriverManager} it would have to stay registered for the whole JVM,
 * and would keep the deployment that brought it in memory after its end.
 */
final class Connector implements DataSource {
  private static final Driver DRIVER = new Driver();

  private static final int CONNECT_SECONDS = 3;

  private final PostgresSettings settings;
  private final String purpose;
  private final int answerSeconds;
  private final int lockMillis;

  /**
   * @param purpose said to the server, beside the name of the node
   * @param answerSeconds how long to wait for an answer before the connection counts as broken
   * @param lockMillis how long the server waits for a lock; less than that, because it goes on to wait when nobody reads the
   *     answer any more
   */
  Connector(PostgresSettings settings, String purpose, int answerSeconds, int lockMillis) {
    this.settings = settings;
    this.purpose = purpose;
    this.answerSeconds = answerSeconds;
    this.lockMillis = lockMillis;
  }

  /** Connects. What is appended through a connection is on the disk of the server when it is acknowledged, whatever the server's default. */
  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = DRIVER.connect(settings.url(), properties());
    if (connection == null) {
      throw new SQLException("not a URL of PostgreSQL: " + settings.shownUrl());
    }
    try (var statement = connection.createStatement()) {
      statement.execute(
          "SET search_path = \"" + settings.schema() + "\"; SET lock_timeout = "
              + lockMillis + "; SET synchronous_commit = 'on'; SET statement_timeout = 0;"
              + " SET default_transaction_isolation = 'read committed'; SET client_min_messages = 'warning'");
      // What the server has said about itself; from here on a warning is about an append.
      connection.clearWarnings();
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private Properties properties() {
    Properties properties = new Properties();
    set(properties, PGProperty.CONNECT_TIMEOUT, CONNECT_SECONDS);
    set(properties, PGProperty.SOCKET_TIMEOUT, answerSeconds);
    set(properties, PGProperty.CANCEL_SIGNAL_TIMEOUT, CONNECT_SECONDS);
    set(properties, PGProperty.TCP_KEEP_ALIVE, true);
    set(properties, PGProperty.APPLICATION_NAME, "samband " + purpose + ' ' + settings.node());
    // From the first use on, so that binary values are not sent as text.
    set(properties, PGProperty.PREPARE_THRESHOLD, 1);
    if (settings.url().contains(",")) {
      set(properties, PGProperty.TARGET_SERVER_TYPE, "primary");
    }
    if (!settings.user().isEmpty()) {
      set(properties, PGProperty.USER, settings.user());
    }
    if (settings.passwordFile() != null) {
      set(properties, PGProperty.PASSWORD, password());
    }
    return properties;
  }

  private static void set(Properties properties, PGProperty property, Object value) {
    properties.setProperty(property.getName(), value.toString());
  }

  /** Read for each connection, so that it may be changed while this node runs. */
  private String password() {
    try {
      return Files.readString(settings.passwordFile()).strip();
    } catch (IOException e) {
      throw new LogUnavailableException(
          "the password file of the shared log cannot be read: " + e, e);
    }
  }

  /** Takes the driver off the JVM's list, if it is that of this deployment. */
  static void deregister() throws SQLException {
    if (Driver.isRegistered()
        && Driver.class.getClassLoader() == Connector.class.getClassLoader()) {
      Driver.deregister();
    }
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException("the user is in the settings");
  }

  @Override
  public PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(PrintWriter out) {
    // The driver logs through java.util.logging.
  }

  @Override
  public void setLoginTimeout(int seconds) {
    // The limits above hold.
  }

  @Override
  public int getLoginTimeout() {
    return 0;
  }

  @Override
  public Logger getParentLogger() {
    return DRIVER.getParentLogger();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    throw new SQLFeatureNotSupportedException("this wraps nothing");
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return false;
  }
}
