package io.samband.log.postgres;

import io.samband.event.Audience;
import io.samband.event.EventId;
import io.samband.log.Entry;
import io.samband.log.LogEngine.Batch;
import io.samband.log.LogUnavailableException;
import io.samband.log.Retention;
import io.samband.log.shared.FencedException;
import io.samband.log.shared.SharedStore.Appended;
import io.samband.log.shared.SharedStore.Trimmed;
import java.security.SecureRandom;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The connection through which this node writes: each call is one function of the server and a commit of its own. Used by one thread. */
final class Session {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** So many offsets are removed in one commit: some ten milliseconds. */
  private static final int TRIM_STEP = 2_000;

  /** Appends wait for it. */
  private static final long TRIM_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Connection connection;

  Session(Connection connection) {
    this.connection = connection;
  }

  Connection connection() {
    return connection;
  }

  /** Joins the newest epoch, or begins one. */
  void open(long known, String node) throws SQLException {
    try (var call = connection.prepareStatement("SELECT begun FROM open_log(?, ?, ?)")) {
      call.setLong(1, known);
      call.setString(2, newName());
      call.setString(3, node);
      try (ResultSet row = call.executeQuery()) {
        row.next();
      }
      refuseWarning(call);
    }
  }

  // If another epoch has it, the table refuses it, and the next opening tries another one.
  private static String newName() {
    byte[] bytes = new byte[4];
    String name;
    do {
      RANDOM.nextBytes(bytes);
      name = HexFormat.of().formatHex(bytes);
    } while (name.equals(EventId.UNKNOWN.epoch()));
    return name;
  }

  Appended append(String epoch, Batch batch) throws SQLException {
    List<Entry> entries = batch.entries();
    try (var call = connection.prepareStatement(
        "SELECT status, offsets, first, newest FROM append(?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      call.setString(1, epoch);
      call.setString(2, batch.node());
      call.setLong(3, batch.number());
      call.setInt(4, batch.lost());
      call.setArray(5, texts(entries.stream().map(Entry::type)));
      call.setArray(6, texts(entries.stream().map(entry -> audience(entry.audience()))));
      call.setArray(
          7,
          connection.createArrayOf(
              "bytea", entries.stream().map(Entry::json).toArray(byte[][]::new)));
      call.setArray(8, texts(entries.stream().map(Session::key)));
      call.setArray(9, texts(entries.stream().map(Session::hash)));
      Appended appended = answer(call);
      refuseWarning(call);
      return appended;
    }
  }

  private Array texts(Stream<String> values) throws SQLException {
    return connection.createArrayOf("text", values.toArray(String[]::new));
  }

  private static String audience(Audience audience) {
    return audience.isEverybody() ? null : audience.toString();
  }

  private static String key(Entry entry) {
    return entry.key() == null ? null : entry.key().value();
  }

  private static String hash(Entry entry) {
    return entry.key() == null ? null : entry.key().bodyHash();
  }

  private static Appended answer(PreparedStatement call) throws SQLException {
    try (ResultSet row = call.executeQuery()) {
      row.next();
      String status = row.getString(1);
      if (status.equals("fenced")) {
        throw new FencedException("another epoch of the shared log has begun, or has to begin");
      }
      Long[] offsets = (Long[]) row.getArray(2).getArray();
      return new Appended(
          Arrays.asList(offsets), row.getLong(3), row.getLong(4), status.equals("repeat"));
    }
  }

  /**
   * A commit whose wait for a synchronous standby was cancelled succeeds with a warning: it is visible, and a failover would
   * lose it. So it is not acknowledged, and the repeat waits again.
   */
  private void refuseWarning(PreparedStatement call) throws SQLException {
    SQLWarning warning = call.getWarnings() == null ? connection.getWarnings() : call.getWarnings();
    if (warning != null) {
      connection.clearWarnings();
      throw new LogUnavailableException(
          "the server has warned, so that the event may not be safe: " + warning.getMessage(),
          warning);
    }
  }

  Trimmed trim(Retention retention) throws SQLException {
    long begun = System.nanoTime();
    boolean any = false;
    long removed = TRIM_STEP;
    while (removed == TRIM_STEP && System.nanoTime() - begun < TRIM_NANOS) {
      removed = trimOnce(retention);
      any |= removed > 0;
    }
    if (removed == TRIM_STEP) {
      return Trimmed.SOME;
    }
    return any ? Trimmed.ALL : Trimmed.NOTHING;
  }

  private long trimOnce(Retention retention) throws SQLException {
    try (var call = connection.prepareStatement("SELECT trim_log(?, ?, ?, ?)")) {
      call.setLong(1, retention.events());
      call.setLong(2, retention.millis());
      call.setLong(3, retention.bytes());
      call.setLong(4, TRIM_STEP);
      try (ResultSet row = call.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }
}
