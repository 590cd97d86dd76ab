package io.samband.testing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What a logger of {@code java.util.logging} and those below it have logged since this was made. */
public final class LoggedLines extends Handler implements AutoCloseable {
  private final List<LogRecord> records = new CopyOnWriteArrayList<>();
  private final Logger logger;

  /**
   * Begins to listen.
   *
   * @param name of a package or a class
   */
  public LoggedLines(String name) {
    logger = Logger.getLogger(name);
    logger.addHandler(this);
  }

  @Override
  public void publish(LogRecord line) {
    records.add(line);
  }

  /** The stack traces. */
  public List<Throwable> traces() {
    return records.stream()
        .filter(line -> line.getThrown() != null)
        .map(LogRecord::getThrown)
        .toList();
  }

  @Override
  public void flush() {
    // Nothing is held back.
  }

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
