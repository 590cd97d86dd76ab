package io.samband.log;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.h2.Driver;

/** The embedded engine's file: one row per event, one commit per batch. */
final class H2Store implements Store {
  /** Offsets that one trim removes at the most, so that no append waits long for one. */
  static final int TRIM_STEP = 2_000;

  private interface Change<T> {
    T by(H2Writer writer) throws SQLException;
  }

  private final H2File file;
  private final boolean sync;
  private final H2Reader reader;
  private H2Writer writer;

  /**
   * @param dir made if missing
   * @param sync whether each commit is also flushed to the device; else {@link #flush} does it now and then
   */
  H2Store(Path dir, boolean sync) {
    this.file = new H2File(dir, sync);
    this.sync = sync;
    this.reader = new H2Reader(file);
  }

  @Override
  public LogState open() {
    letGo();
    try {
      file.check();
      writer = new H2Writer(file.connect(), sync);
      LogState state = writer.begin();
      reader.open();
      return state;
    } catch (SQLException e) {
      letGo();
      throw file.refusal(e);
    }
  }

  @Override
  public void append(long firstOffset, List<Entry> entries) {
    guarded("append", by -> {
      by.append(firstOffset, entries);
      return null;
    });
  }

  @Override
  public void lose(Gap gap) {
    guarded("record a loss", by -> {
      by.lose(gap);
      return null;
    });
  }

  @Override
  public Optional<Remembered> find(IdempotencyKey key) {
    return guarded("look up an idempotency key", by -> by.find(key));
  }

  @Override
  public long trimTarget(LogState state, Retention retention, long nowMillis) {
    return guarded("find what to trim", by -> by.trimTarget(state, retention, nowMillis));
  }

  @Override
  public void trim(long through) {
    guarded("trim", by -> {
      by.trim(through);
      return null;
    });
  }

  @Override
  public void flush() {
    guarded("flush", by -> {
      by.flush();
      return null;
    });
  }

  @Override
  public Scan read(
      long after, long through, Epochs epochs, EventFilter filter, int limit, int maxBytes) {
    return reader.read(after, through, epochs, filter, limit, maxBytes);
  }

  @Override
  public void close() {
    letGo();
    reader.close();
    // The driver has registered itself for the whole JVM, and would keep the deployment that
    // brought it in memory after its end.
    if (Driver.class.getClassLoader() == H2Store.class.getClassLoader()) {
      Driver.unload();
    }
  }

  private void letGo() {
    reader.letGo();
    H2Writer past = writer;
    writer = null;
    if (past != null) {
      past.close();
    }
  }

  private <T> T guarded(String what, Change<T> change) {
    if (writer == null) {
      throw new LogUnavailableException("cannot " + what + ": the event log is closed");
    }
    try {
      return change.by(writer);
    } catch (SQLException | IllegalStateException e) {
      throw new LogUnavailableException("cannot " + what + ": " + e.getMessage(), e);
    }
  }
}
