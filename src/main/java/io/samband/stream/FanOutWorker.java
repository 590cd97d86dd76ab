package io.samband.stream;

import io.samband.concurrent.NamedThreads;
import io.samband.log.EventLog;
import io.samband.settings.Settings;
import java.lang.System.Logger.Level;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * One thread with its share of the subscribers: it wakes when there is something to do, and never waits for a socket or a
 * disk.
 *
 * <p>All state of the worker and of its {@link Subscribers} is touched by this thread only; whoever wants something done
 * posts it.
 */
final class FanOutWorker implements Runnable {
  private static final System.Logger LOG = System.getLogger(FanOutWorker.class.getName());

  private final Queue<Runnable> inbox = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean signalled = new AtomicBoolean();
  private final AtomicLong unseenSinceNanos = new AtomicLong();
  private final WorkerCounters counters = new WorkerCounters();
  private final Thread thread;

  private final Supplier<Subscribers> nobody;
  private Subscribers subscribers;
  private long now = System.nanoTime();
  private final Pacing pacing = new Pacing(now);
  private boolean running = true;
  private volatile boolean ended;

  FanOutWorker(
      EventLog log,
      FrameRing ring,
      PageReader reader,
      Settings settings,
      Subscribers.Departures departures) {
    this.nobody =
        () -> new Subscribers(log, ring, reader, settings, departures, this::post, counters);
    this.subscribers = nobody.get();
    this.thread = new NamedThreads("samband-fan-out").newThread(this);
  }

  void start() {
    thread.start();
  }

  /** There may be new frames. Called by any thread; costs nothing while the worker is awake. */
  void wake() {
    if (!signalled.getAndSet(true)) {
      LockSupport.unpark(thread);
    }
  }

  /** The log has grown, at a time of {@link System#nanoTime}. */
  void appended(long nanos) {
    unseenSinceNanos.compareAndSet(0, nanos);
    wake();
  }

  private void post(Runnable task) {
    inbox.add(task);
    wake();
    if (ended) {
      finish();
    }
  }

  /** After the end: who comes in at the last moment is ended, too, by whoever brought it. */
  private synchronized void finish() {
    for (Runnable task = inbox.poll(); task != null; task = inbox.poll()) {
      task.run();
    }
    subscribers.endAll(EndReason.SHUTDOWN, null);
  }

  void register(Subscriber subscriber) {
    post(() -> subscribers.add(subscriber));
  }

  /** The output of a subscriber takes bytes again. */
  void writable(Subscriber subscriber) {
    post(() -> subscribers.fanOut().writable(subscriber));
  }

  void end(Subscriber subscriber, EndReason reason, Throwable cause) {
    post(() -> subscribers.end(subscriber, reason, cause));
  }

  void tick() {
    post(() -> subscribers.tick());
  }

  /** Looks at every subscriber, by the worker's own thread. */
  void forEach(Consumer<Connection> look, Runnable done) {
    post(() -> {
      subscribers.forEach(look);
      done.run();
    });
  }

  /** What was done so far, and who is here, by the worker's own thread. */
  void census(Consumer<Census> taker, Runnable done) {
    post(() -> {
      taker.accept(subscribers.census());
      done.run();
    });
  }

  /** Tells every subscriber when to come back, ends all streams and then the worker. */
  void drain(ToLongFunction<Subscriber> reconnectMillis, Runnable done) {
    post(() -> {
      try {
        subscribers.drainAll(reconnectMillis);
      } finally {
        running = false;
        done.run();
      }
    });
  }

  @Override
  public void run() {
    Throwable failure = null;
    while (running) {
      try {
        if (failure != null) {
          abandon(failure);
          failure = null;
        }
        turn();
      } catch (RuntimeException | Error e) {
        failure = e;
      }
    }
    ended = true;
    finish();
  }

  private void turn() {
    now = System.nanoTime();
    boolean woken = signalled.getAndSet(false);
    if (woken) {
      pacing.want();
    }
    boolean pass = pacing.isDue(now);
    if (!woken && !pass) {
      sleep();
      return;
    }
    subscribers.at(now);
    for (Runnable task = inbox.poll(); task != null; task = inbox.poll()) {
      task.run();
    }
    if (pass) {
      serveIdle();
    }
    if (subscribers.fanOut().serveReady()) {
      wake();
    }
  }

  /**
   * A turn that broke off (a heap that is full, a class that is missing) has served some and not others, and nobody knows
   * whom. So all come back with the last id that they have, and the worker begins anew. If that breaks off too, it goes on
   * where it was: who was ended is no longer there.
   */
  private void abandon(Throwable cause) {
    LOG.log(Level.ERROR, "[SSE] fan-out failed, all its streams are ended", cause);
    subscribers.endAll(EndReason.FAILED, cause);
    subscribers = nobody.get();
    wake();
  }

  private void sleep() {
    if (pacing.isWaiting()) {
      LockSupport.parkNanos(this, pacing.waitNanos(now));
    } else {
      LockSupport.park(this);
    }
  }

  private void serveIdle() {
    long unseenSince = unseenSinceNanos.getAndSet(0);
    long begun = System.nanoTime();
    subscribers.fanOut().serveIdle();
    long ended = System.nanoTime();
    pacing.passed(begun, ended);
    if (unseenSince != 0) {
      counters.delivered(ended - unseenSince);
    }
  }
}
