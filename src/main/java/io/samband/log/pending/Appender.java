package io.samband.log.pending;

import io.samband.concurrent.Backoff;
import io.samband.event.EventId;
import io.samband.log.Entry;
import io.samband.log.EventLog;
import io.samband.log.LogEngine;
import io.samband.log.LogState;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The one thread that appends: takes what waits, has the engine store it as one batch, tells the publishers.
 *
 * <p>If the engine fails in any way it is opened again and given the same batch, until that is stored. Each turn begins where
 * the last one was broken off, so that nothing is stored or told twice whatever is thrown, and wherever.
 */
final class Appender implements Runnable {
  private static final System.Logger LOG = System.getLogger(Appender.class.getName());

  /** A commit of so many events takes a few milliseconds; publishers that come meanwhile wait as long. */
  private static final int MAX_BATCH = 1_000;

  private static final long MAX_BATCH_BYTES = 4 << 20;
  private static final long TICK_MILLIS = 1_000;

  private final LogEngine engine;
  private final PendingQueue queue;
  private final ProgressWatch watch;
  private final EventLog.Follower follower;
  private final Backoff backoff;
  private final String node = UUID.randomUUID().toString();

  private long known;
  private long batches;
  private LogEngine.Batch batch;
  private boolean failed;
  private long lastTickNanos = System.nanoTime();

  /**
   * @param follower is told of what the engine appended
   * @param backoff how long to wait before the engine is opened again
   */
  Appender(
      LogEngine engine,
      PendingQueue queue,
      ProgressWatch watch,
      EventLog.Follower follower,
      Backoff backoff) {
    this.engine = engine;
    this.queue = queue;
    this.watch = watch;
    this.follower = follower;
    this.backoff = backoff;
    this.known = engine.state().newest();
  }

  @Override
  public void run() {
    try {
      boolean more = true;
      while (more) {
        more = goesOn();
      }
    } catch (InterruptedException e) {
      // Only the end of the deployment interrupts this thread, when it has waited long enough.
      Thread.currentThread().interrupt();
    } finally {
      end();
    }
  }

  private boolean goesOn() throws InterruptedException {
    try {
      return turn();
    } catch (RuntimeException | Error e) {
      failed = true;
      report(e);
      TimeUnit.MILLISECONDS.sleep(backoff.nextRandomMillis());
      return true;
    }
  }

  private boolean turn() throws InterruptedException {
    List<Publication> taken = queue.take(MAX_BATCH, MAX_BATCH_BYTES, TICK_MILLIS);
    if (taken == null) {
      return false;
    }
    watch.busy();
    if (failed) {
      LogState opened = engine.open(known, follower);
      LOG.log(Level.INFO, "[SSE] event log opened again epoch={0}", opened.epoch());
      failed = false;
    }
    if (!taken.isEmpty()) {
      store(taken);
      succeeded();
    }
    engine.maintain(isTick());
    succeeded();
    watch.idle();
    return true;
  }

  private void store(List<Publication> taken) {
    if (batch == null) {
      batch = batch(taken);
    }
    List<EventId> ids = engine.append(batch);
    known = engine.state().newest();
    if (batch.lost() > 0) {
      LOG.log(
          Level.ERROR,
          "[SSE] events lost count={0,number,#}, because too many waited while the log failed",
          batch.lost());
    }
    int at = 0;
    for (Publication publication : taken) {
      tell(publication, ids.subList(at, at + publication.size()));
      at += publication.size();
    }
    batch = null;
    queue.settled();
  }

  private LogEngine.Batch batch(List<Publication> taken) {
    List<Entry> entries = new ArrayList<>();
    taken.forEach(publication -> entries.addAll(publication.entries));
    return new LogEngine.Batch(node, ++batches, taken.get(0).lost, entries);
  }

  private static void tell(Publication publication, List<EventId> ids) {
    try {
      publication.stored(ids);
    } catch (RuntimeException | Error e) {
      // The event is stored. What a publisher does about it is not the log's failure.
      LOG.log(Level.ERROR, "[SSE] a publisher could not be told of its events", e);
    }
  }

  private void succeeded() {
    watch.progress();
    backoff.reset();
    if (queue.isFailing()) {
      try {
        LOG.log(
            Level.INFO,
            "[SSE] event log works again newest={0,number,#}",
            engine.state().newest());
      } finally {
        // Last: if a log handler blocks this thread, and the watch with its own line, publishers
        // must not wait for them.
        queue.working();
      }
    }
  }

  private boolean isTick() {
    long now = System.nanoTime();
    boolean tick = now - lastTickNanos >= TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);
    if (tick) {
      lastTickNanos = now;
    }
    return tick;
  }

  private void report(Throwable failure) {
    try {
      String problem = "the event log cannot be written: " + failure.getMessage();
      watch.failed(problem);
      LOG.log(
          Level.ERROR,
          "[SSE] {0} pending={1,number,#}",
          problem,
          queue.health(0).pending());
    } catch (RuntimeException | Error e) {
      // A heap that is full cannot even be complained about; the appender tries again all the same.
      watch.failed("the event log cannot be written");
    }
  }

  private void end() {
    int givenUp = queue.abandon();
    if (givenUp > 0) {
      LOG.log(Level.ERROR, "[SSE] event log gave up pending={0,number,#}", givenUp);
    }
    watch.close();
    engine.close();
  }
}
