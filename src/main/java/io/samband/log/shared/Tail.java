package io.samband.log.shared;

import io.samband.concurrent.Backoff;
import io.samband.concurrent.NamedThreads;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Follows what other nodes append, in a thread of its own: woken when one of them tells of it, and looks about twice a second
 * besides, because what they tell may be lost.
 */
final class Tail {
  private static final System.Logger LOG = System.getLogger(Tail.class.getName());

  static final long LOOK_MILLIS = 500;
  private static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);
  private static final long CLOSE_MILLIS = 2_000;

  private final SharedStore store;
  private final Runnable look;
  private final Backoff backoff = new Backoff(FIRST_RETRY, LAST_RETRY);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private boolean failing;

  /**
   * @param look asks the store once, and takes what is new; throws if there is no answer
   */
  Tail(SharedStore store, Runnable look) {
    this.store = store;
    this.look = look;
    this.thread = new NamedThreads("samband-log-tail").newThread(this::run);
    thread.start();
  }

  private void run() {
    try {
      while (closed.getCount() > 0) {
        turn();
      }
    } catch (InterruptedException e) {
      // Only close() interrupts, when it has waited long enough.
      Thread.currentThread().interrupt();
    }
  }

  private void turn() throws InterruptedException {
    try {
      look.run();
      succeeded();
      store.awaitGrowth(LOOK_MILLIS);
    } catch (RuntimeException | Error e) {
      // Whatever it was: without this thread, the node would never see an event of another one
      // again.
      failed(e);
      var unused = closed.await(backoff.nextRandomMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void succeeded() {
    backoff.reset();
    if (failing) {
      failing = false;
      LOG.log(Level.INFO, "[SSE] the shared log answers again");
    }
  }

  private void failed(Throwable cause) {
    if (failing || closed.getCount() == 0) {
      return;
    }
    failing = true;
    try {
      LOG.log(Level.WARNING, "[SSE] the shared log cannot be followed: {0}", cause.getMessage());
    } catch (RuntimeException | Error e) {
      // It cannot even be logged; the thread looks again all the same.
    }
  }

  /** From now on it does not look again. */
  void end() {
    closed.countDown();
  }

  /** Waits for the end of its thread, up to two seconds; after the store was closed, which ends what the thread waits for. */
  void awaitEnd() {
    try {
      thread.join(CLOSE_MILLIS);
      thread.interrupt();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
