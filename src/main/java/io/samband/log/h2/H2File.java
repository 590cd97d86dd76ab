package io.samband.log.h2;

import io.samband.log.LogInUseException;
import io.samband.log.LogOpenException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.h2.api.ErrorCode;
import org.h2.jdbcx.JdbcDataSource;

/** The file on the disk: how it is opened, and when that is refused. */
final class H2File {
  // WRITE_DELAY=0: with the default, a killed process loses what was committed in the last half
  // second.
  private static final String OPTIONS =
      ";DB_CLOSE_ON_EXIT=FALSE;DB_CLOSE_DELAY=-1;WRITE_DELAY=0;RETENTION_TIME=";

  // Space of the file that is free is not written again for so long. The default of 45 s makes a
  // gigabyte of file at full speed. If each commit reaches the device, 0 is enough; else it must be
  // longer than the time between two flushes, or a power failure could damage what was kept.
  private static final int REUSE_AFTER_MILLIS = 5_000;

  /** A file that is smaller may be that of a process that was killed while it made the tables. */
  private static final int SIZE_WITH_TABLES = 64 * 1024;

  /** Openings alone never make it so large. */
  private static final int SIZE_WITH_EVENTS = 1 << 20;

  private final Path dir;
  private final Path file;
  private final JdbcDataSource source;

  H2File(Path dir, boolean sync) {
    this.dir = dir;
    this.file = dir.resolve("samband.mv.db");
    this.source = source(OPTIONS + (sync ? 0 : REUSE_AFTER_MILLIS));
  }

  private JdbcDataSource source(String options) {
    var source = new JdbcDataSource();
    source.setURL("jdbc:h2:file:" + dir.resolve("samband") + options);
    return source;
  }

  /** The first connection opens the file, the others share it. */
  Connection connect() throws SQLException {
    return source.getConnection();
  }

  /** Makes the directory if it is missing, and refuses a file in which nothing is left. */
  void check() throws SQLException {
    try {
      Files.createDirectories(dir);
      refuseIfEmptied();
    } catch (IOException e) {
      throw new LogOpenException(
          "[SSE] the event log's directory " + dir + " cannot be made or used: " + e
              + "; make it, or name another with samband.data.dir",
          e);
    }
  }

  /**
   * H2 heals a damaged file by going back to the newest state that it finds whole, and that can be the one before the first
   * table, or the first event. Looked at without the right to write: what is in the file may still be worth a repair.
   */
  private void refuseIfEmptied() throws IOException, SQLException {
    long size = Files.exists(file) ? Files.size(file) : 0;
    if (size < SIZE_WITH_TABLES) {
      return;
    }
    boolean emptied;
    try (Connection look = source(";ACCESS_MODE_DATA=r;IFEXISTS=TRUE").getConnection();
        var statement = look.createStatement();
        ResultSet tables = look.getMetaData().getTables(null, null, "POSITION", null)) {
      emptied = !tables.next() || (size >= SIZE_WITH_EVENTS && isEmpty(look));
      statement.execute("SHUTDOWN IMMEDIATELY");
    }
    if (emptied) {
      throw new SQLException("nothing is left in it", null, ErrorCode.FILE_CORRUPTED_1);
    }
  }

  private static boolean isEmpty(Connection look) throws SQLException {
    try (var statement = look.createStatement();
        ResultSet rows = statement.executeQuery("SELECT (SELECT COUNT(*) FROM event)"
            + " + (SELECT COALESCE(MAX(trimmed_through), 0) FROM position)")) {
      rows.next();
      return rows.getLong(1) == 0;
    }
  }

  /** Why it cannot be opened, and what to do about it. */
  LogOpenException refusal(SQLException e) {
    String log = "[SSE] the event log " + file;
    return switch (e.getErrorCode()) {
      case ErrorCode.DATABASE_ALREADY_OPEN_1 ->
        new LogInUseException(
            log
                + " is in use by another process; stop that one,"
                + " or give this one a samband.data.dir of its own",
            e);
      case ErrorCode.FILE_CORRUPTED_1, ErrorCode.FILE_VERSION_ERROR_1 ->
        new LogOpenException(
            log
                + " is damaged; nothing was changed. Put a backup in its place,"
                + " or move the file away to begin a new log",
            e);
      default -> new LogOpenException(log + " cannot be opened: " + e.getMessage(), e);
    };
  }
}
