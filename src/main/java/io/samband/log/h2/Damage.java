package io.samband.log.h2;

import io.samband.log.Gap;
import java.sql.SQLException;
import org.h2.api.ErrorCode;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;

/** Tells damage of the file from other failures, and finds how far it reaches. */
final class Damage {
  /** Reads one row, or finds that there is none. */
  interface Probe {
    void look(long offset) throws SQLException;
  }

  /** More than one, so that a single failure does not give up an event. */
  private static final int LOOKS = 3;

  private Damage() {}

  /** Whether a failure means that a part of the file cannot be read, and not that the file is closed or the disk full. */
  static boolean is(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof MVStoreException store) {
        return switch (store.getErrorCode()) {
          case DataUtils.ERROR_FILE_CORRUPT,
              DataUtils.ERROR_CHUNK_NOT_FOUND,
              DataUtils.ERROR_INTERNAL,
              DataUtils.ERROR_SERIALIZATION -> true;
          case DataUtils.ERROR_READING_FAILED -> !isClosed(store);
          default -> false;
        };
      }
      if (cause instanceof SQLException sql && sql.getErrorCode() == ErrorCode.FILE_CORRUPTED_1) {
        return true;
      }
      // What a decoder runs into when the bytes make no sense.
      if (cause instanceof IndexOutOfBoundsException
          || cause instanceof NegativeArraySizeException
          || cause instanceof java.nio.BufferUnderflowException) {
        return true;
      }
    }
    return false;
  }

  private static boolean isClosed(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof java.nio.channels.ClosedChannelException) {
        return true;
      }
    }
    return false;
  }

  /** Whether a row cannot be read because of damage; a failure of another kind is thrown. */
  private static boolean isAt(long offset, Probe probe) throws SQLException {
    try {
      probe.look(offset);
      return false;
    } catch (SQLException | RuntimeException e) {
      if (is(e)) {
        return true;
      }
      throw e;
    }
  }

  /**
   * The unreadable rows around one. Looks at few rows only: a damaged page of the file has neighbouring rows.
   *
   * @param low the first offset that is kept
   * @param high the newest offset
   * @return null if the row can be read after all
   */
  static Gap around(long offset, long low, long high, Probe probe) throws SQLException {
    for (int look = 0; look < LOOKS; look++) {
      if (!isAt(offset, probe)) {
        return null;
      }
    }
    return new Gap(edge(offset, low, -1, probe), edge(offset, high, 1, probe));
  }

  /** The last unreadable row in one direction: by steps that double, then by halving. */
  private static long edge(long offset, long end, int direction, Probe probe) throws SQLException {
    long bad = offset;
    long good = end + direction;
    for (long step = 1; bad != end; step *= 2) {
      long next = direction > 0 ? Math.min(end, offset + step) : Math.max(end, offset - step);
      if (!isAt(next, probe)) {
        good = next;
        break;
      }
      bad = next;
    }
    while (Math.abs(good - bad) > 1) {
      long middle = bad + (good - bad) / 2;
      if (isAt(middle, probe)) {
        bad = middle;
      } else {
        good = middle;
      }
    }
    return bad;
  }
}
