package io.samband.log.h2;

import io.samband.log.LogState;
import io.samband.log.Retention;
import java.sql.SQLException;

/** Decides when to look for old events, and which of them go now. Used by the thread that appends. */
final class Trimming {
  /** Offsets that one trim removes at the most, so that no append waits long for one. */
  static final int STEP = 2_000;

  private final Retention retention;
  private final long slack;
  private long newestAtLook;

  Trimming(Retention retention) {
    this.retention = retention;
    this.slack = Math.min(STEP / 2, Math.max(1, retention.events() / 100));
  }

  /** A look costs a few reads: not for each commit, but often enough to keep pace with the fastest publishers. */
  boolean isDue(boolean tick, LogState state) {
    if (!tick && state.newest() - newestAtLook < slack) {
      return false;
    }
    newestAtLook = state.newest();
    return true;
  }

  /** The last offset that has to go now, or one that is gone already. */
  long target(LogState state, H2Writer rows) throws SQLException {
    long gone = state.oldest() - 1;
    long byCount = state.newest() - retention.events();
    long byAge = lastBelow("appended_at", rows.now() - retention.millis(), state, rows);
    // The newest event stays, however large: an event is kept at least until it could be delivered.
    long byBytes = Math.min(
        state.newest() - 1,
        lastBelow("total_bytes", rows.totalBytes() - retention.bytes() + 1, state, rows));
    long target = Math.max(byCount, Math.max(byAge, byBytes));
    return Math.max(gone, Math.min(target, gone + STEP));
  }

  /** The last kept offset whose value is below a bound, found by halving: the values never decrease. */
  private static long lastBelow(String column, long bound, LogState state, H2Writer rows)
      throws SQLException {
    long low = state.oldest() - 1;
    long high = state.newest();
    // Mostly there is nothing to trim, and one look tells.
    if (low >= high || value(column, low + 1, state, rows) >= bound) {
      return low;
    }
    while (low < high) {
      long middle = low + (high - low + 1) / 2;
      if (value(column, middle, state, rows) < bound) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  // A gap goes with the event after it.
  private static long value(String column, long offset, LogState state, H2Writer rows)
      throws SQLException {
    long at = state
        .gapAfter(offset - 1)
        .filter(gap -> gap.from() <= offset)
        .map(gap -> gap.to() + 1)
        .orElse(offset);
    return at > state.newest() ? Long.MAX_VALUE : rows.value(column, at, Long.MIN_VALUE);
  }
}
