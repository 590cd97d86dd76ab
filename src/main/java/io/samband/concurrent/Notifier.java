package io.samband.concurrent;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Metrics;
import java.lang.System.Logger.Level;
import java.text.MessageFormat;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes log lines and calls listeners in a thread of its own, in the order in which they were handed over, so that a log
 * handler or a listener that blocks delays no stream. All methods may be called by any thread; none of them waits, except
 * {@link #close}.
 */
public final class Notifier implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Notifier.class.getName());

  /** About 10 MB. More than all streams of a node that end at once. */
  private static final int MAX_WAITING = 50_000;

  /** A log handler that needs longer for a line is taken to be blocked. */
  private static final long CLOSE_MILLIS = 2_000;

  /** Where log lines go: the seam at which tests block it. */
  public interface LogWriter {
    void write(System.Logger logger, Level level, String message, Object... values);
  }

  private final LogWriter logWriter;
  private final BlockingQueue<Runnable> waiting;
  private final AtomicLong dropped = new AtomicLong();
  private final Counter droppedEver = Metrics.counter("samband.notices.dropped");
  private final Thread thread;
  private volatile boolean closed;

  public Notifier() {
    this(MAX_WAITING, Notifier::write);
  }

  public Notifier(int maxWaiting, LogWriter logWriter) {
    this.logWriter = logWriter;
    waiting = new LinkedBlockingQueue<>(maxWaiting);
    thread = new NamedThreads("samband-notify").newThread(this::run);
    thread.start();
  }

  /** Runs a notice after those that came before it. If too many wait it is dropped and counted. */
  public void tell(Runnable notice) {
    if (closed) {
      call(notice);
    } else if (!waiting.offer(notice)) {
      dropped.incrementAndGet();
      droppedEver.increment();
    }
  }

  /** Writes a log line. */
  public void log(System.Logger logger, Level level, String message, Object... values) {
    tell(() -> logWriter.write(logger, level, message, values));
  }

  /**
   * The JDK removes its log handlers in a shutdown hook of its own, at the same time at which a container stops us. How each
   * stream ended must be on record even then.
   */
  private static void write(System.Logger logger, Level level, String message, Object... values) {
    if (java.util.logging.Logger.getLogger("").getHandlers().length > 0) {
      logger.log(level, message, values);
    } else {
      System.err.println(
          Instant.now() + " " + level.getName() + " " + MessageFormat.format(message, values));
    }
  }

  private void run() {
    try {
      do {
        call(waiting.take());
        call(this::sayDropped);
      } while (!closed || !waiting.isEmpty());
    } catch (InterruptedException e) {
      // Only close() interrupts, when it has waited long enough.
      Thread.currentThread().interrupt();
    }
  }

  /** Runs a notice now, in this thread; what it throws is logged. */
  public void call(Runnable notice) {
    try {
      notice.run();
    } catch (RuntimeException | Error e) {
      report(e);
    }
  }

  private static void report(Throwable failure) {
    try {
      LOG.log(Level.WARNING, "[SSE] a listener of the broadcaster failed", failure);
    } catch (RuntimeException | Error e) {
      // It cannot even be logged; the notices after it are run all the same.
    }
  }

  private void sayDropped() {
    long count = dropped.getAndSet(0);
    if (count > 0) {
      logWriter.write(
          LOG,
          Level.WARNING,
          "[SSE] notices dropped count={0,number,#}: the log handlers or listeners are too slow",
          count);
    }
  }

  /** Runs what waits, unless a single notice takes more than two seconds. */
  @Override
  public void close() {
    closed = true;
    // Wakes the thread if nothing waits.
    var unused = waiting.offer(() -> {});
    try {
      int before;
      do {
        before = waiting.size();
        thread.join(CLOSE_MILLIS);
      } while (thread.isAlive() && waiting.size() < before);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    thread.interrupt();
  }
}
