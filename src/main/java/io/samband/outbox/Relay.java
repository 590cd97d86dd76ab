package io.samband.outbox;

import io.micrometer.core.instrument.Metrics;
import io.samband.concurrent.Backoff;
import io.samband.concurrent.NamedThreads;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The thread that brings events from the outbox into the log: when a transaction of this node has committed some, and once a
 * second, for those of other nodes and of processes that were killed. It tries for ever.
 *
 * <p>Never interrupted, because an interrupt closes the file of an embedded database for everybody who uses it.
 */
final class Relay implements Runnable, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Relay.class.getName());

  private static final long LOOK_MILLIS = 1_000;
  private static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);

  /** A round of another node takes some milliseconds. */
  private static final Duration FIRST_LOOK_AGAIN = Duration.ofMillis(5);

  private static final Duration LAST_LOOK_AGAIN = Duration.ofSeconds(1);

  private static final long CLOSE_MILLIS = 5_000;

  /** The seam to the database; each call is one transaction. */
  interface Source {
    Round round() throws SQLException;

    OutboxTable.Backlog backlog() throws SQLException;
  }

  private final Source source;
  private final long lookMillis;
  private final Semaphore wakes = new Semaphore(0);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Backoff retry = new Backoff(FIRST_RETRY, LAST_RETRY);
  private final Backoff lookAgain = new Backoff(FIRST_LOOK_AGAIN, LAST_LOOK_AGAIN);
  private final Thread thread = new NamedThreads("samband-outbox").newThread(this);

  // Written by the relay's thread alone.
  private volatile OutboxTable.Backlog backlog = new OutboxTable.Backlog(0, Duration.ZERO);
  private volatile long lookedNanos =
      System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS);
  private volatile String problem;

  Relay(Source source) {
    this(source, LOOK_MILLIS);
  }

  /** As above, with another time between two looks at a table in which nothing was found. */
  Relay(Source source, long lookMillis) {
    this.source = source;
    this.lookMillis = lookMillis;
    this.lookedNanos = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(lookMillis);
  }

  void start() {
    thread.start();
  }

  /** Events have been committed. Any thread; costs nothing. */
  void wake() {
    wakes.release();
  }

  @Override
  public void run() {
    boolean known = false;
    try {
      while (!isClosing()) {
        Round.Next next = turn(known);
        known = next != Round.Next.WAIT;
        if (next == Round.Next.WAIT) {
          // More permits than one mean no more than one.
          known = wakes.tryAcquire(lookMillis, TimeUnit.MILLISECONDS);
          wakes.drainPermits();
        } else if (next != Round.Next.GO_ON) {
          Backoff pauses = next == Round.Next.LOOK_AGAIN ? lookAgain : retry;
          pause(pauses.nextMillis());
        }
      }
    } catch (InterruptedException e) {
      // Nobody interrupts this thread; whoever does wants it to end.
      Thread.currentThread().interrupt();
    }
  }

  /** All of the delay at random, so that the nodes do not come back together. A commit does not shorten it. */
  private void pause(long millis) throws InterruptedException {
    var unused =
        closing.await(ThreadLocalRandom.current().nextLong(millis) + 1, TimeUnit.MILLISECONDS);
  }

  /**
   * One turn.
   *
   * @param known whether there is something in the table for sure; otherwise it is looked at first, which needs no lock
   */
  private Round.Next turn(boolean known) {
    try {
      if (isLookDue()) {
        look();
      }
      if (!known && backlog.rows() == 0) {
        succeeded();
        return Round.Next.WAIT;
      }
      Round round = source.round();
      Metrics.counter("samband.outbox.relayed").increment(round.moved());
      if (round.problem() == null) {
        succeeded();
        if (round.next() != Round.Next.LOOK_AGAIN) {
          lookAgain.reset();
        }
      } else {
        failed(round.problem(), null);
      }
      return round.next();
    } catch (SQLException | RuntimeException | Error e) {
      report(e);
      return Round.Next.BACK_OFF;
    }
  }

  private void report(Throwable failure) {
    try {
      failed("the outbox cannot be relayed: " + failure.getMessage(), failure);
    } catch (RuntimeException | Error e) {
      // It cannot even be logged; the relay tries again all the same.
    }
  }

  private boolean isLookDue() {
    return System.nanoTime() - lookedNanos >= TimeUnit.MILLISECONDS.toNanos(lookMillis);
  }

  private void look() throws SQLException {
    backlog = source.backlog();
    lookedNanos = System.nanoTime();
  }

  private void succeeded() {
    retry.reset();
    if (problem != null) {
      problem = null;
      LOG.log(Level.INFO, "[SSE] outbox is relayed again");
    }
  }

  private void failed(String what, Throwable cause) {
    // The first failure of a row of them; the health answers show the newest.
    Level level = problem == null ? Level.WARNING : Level.DEBUG;
    problem = what;
    LOG.log(level, "[SSE] outbox: " + what + ". Its events stay in the table; trying again", cause);
  }

  OutboxHealth health() {
    return new OutboxHealth(
        backlog.rows(),
        backlog.age().toMillis() / 1e3,
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lookedNanos) / 1e3,
        problem);
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  /** Ends after the round that is under way; what stays in the table is for the next start, or for another node. */
  @Override
  public void close() {
    closing.countDown();
    wake();
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      LOG.log(
          Level.WARNING,
          "[SSE] the relay of the outbox still waits for its database after {0,number,#} ms and ends"
              + " when that answers",
          CLOSE_MILLIS);
    }
  }
}
