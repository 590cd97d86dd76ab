package io.samband.stream.fanout;

import io.samband.concurrent.NamedThreads;
import io.samband.concurrent.Notifier;
import io.samband.log.EventLog;
import io.samband.settings.Settings;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * One thread with its share of the subscribers. It wakes when there is something to do, and never waits for a socket, a
 * disk, a log handler or a listener.
 *
 * <p>All state of the worker and of its {@link WorkerSubscribers} is used by this thread only; other threads post tasks.
 */
final class FanOutWorker implements Runnable {
  private static final System.Logger LOG = System.getLogger(FanOutWorker.class.getName());

  private final Queue<Runnable> inbox = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean signalled = new AtomicBoolean();
  private final AtomicLong unseenSinceNanos = new AtomicLong();
  private final WorkerCounters counters = new WorkerCounters();
  private final Progress progress = new Progress();
  private final Notifier notifier;
  private final Thread thread;

  private final Supplier<WorkerSubscribers> newSubscribers;
  private WorkerSubscribers subscribers;
  private final Pacing pacing = new Pacing(System.nanoTime());
  private final Ticks ticks;
  private boolean running = true;
  private volatile boolean ended;

  /**
   * @param tickLimit after which the worker ticks although the container's timer did not ask for it
   */
  FanOutWorker(
      EventLog log,
      FrameRing ring,
      PageReader reader,
      Settings settings,
      Notifier notifier,
      WorkerSubscribers.Departures departures,
      NamedThreads threads,
      Duration tickLimit) {
    this.notifier = notifier;
    this.ticks = new Ticks(System.nanoTime(), tickLimit);
    WorkerContext context = new WorkerContext(ring, reader, this::post, counters, progress);
    this.newSubscribers = () -> new WorkerSubscribers(log, settings, departures, context);
    this.subscribers = newSubscribers.get();
    this.thread = threads.newThread(this);
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

  /** After the end: a task that comes in at the last moment is run by the thread that posted it. */
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
    post(() -> subscribers.writable(subscriber, System.nanoTime()));
  }

  void end(Subscriber subscriber, EndReason reason, Throwable cause) {
    post(() -> subscribers.end(subscriber, reason, cause));
  }

  /** Ends a stream and tells its client. */
  void drain(Subscriber subscriber, EndReason reason, long reconnectMillis) {
    post(() -> subscribers.drain(subscriber, reason, reconnectMillis, System.nanoTime()));
  }

  /** The timer of the container: it is time for keepalives and evictions. */
  void tick() {
    ticks.request();
    wake();
  }

  /** The subscribers as they are, in the order in which they came. */
  CompletableFuture<List<ConnectionInfo.Snapshot>> snapshots() {
    return ask(() -> subscribers.snapshots());
  }

  /** As above, those that do not have everything: see {@link FanOut#behind}. */
  CompletableFuture<List<ConnectionInfo.Snapshot>> behind() {
    return ask(() -> subscribers.behind());
  }

  CompletableFuture<DeliveryStats> stats() {
    return ask(() -> subscribers.stats());
  }

  private <T> CompletableFuture<T> ask(Supplier<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    post(() -> answer.complete(question.get()));
    return answer;
  }

  /** Tells every subscriber when to come back, ends all streams and then the worker. */
  CompletableFuture<Void> drain(ToLongFunction<Subscriber> reconnectMillis) {
    CompletableFuture<Void> drained = new CompletableFuture<>();
    post(() -> {
      try {
        subscribers.drainAll(reconnectMillis, System.nanoTime());
      } finally {
        running = false;
        drained.complete(null);
      }
    });
    return drained;
  }

  /** Ends all streams, and forgets what was read for them. */
  CompletableFuture<Void> restart(EndReason reason) {
    return ask(() -> {
      subscribers.endAll(reason, null);
      subscribers = newSubscribers.get();
      return null;
    });
  }

  /** For how long the worker has made no progress: it wakes at least every {@link Ticks#LIMIT}. */
  long stuckNanos() {
    return ended ? 0 : progress.noneForNanos(System.nanoTime());
  }

  String name() {
    return thread.getName();
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
    long now = System.nanoTime();
    progress.made();
    boolean tick = ticks.take(now);
    boolean woken = signalled.getAndSet(false) || tick;
    if (woken) {
      pacing.want();
    }
    boolean pass = pacing.isDue(now);
    boolean expiry = subscribers.nextExpiryNanos(now) <= 0;
    if (!woken && !pass && !expiry) {
      sleep(now);
      return;
    }
    for (Runnable task = inbox.poll(); task != null; task = inbox.poll()) {
      task.run();
      progress.made();
    }
    // Before anything is written.
    subscribers.endExpired(now);
    if (tick) {
      subscribers.tick(now);
    }
    if (pass) {
      serveGroups(now);
    }
    if (subscribers.serveTurns(now)) {
      wake();
    }
  }

  /**
   * A turn that broke off (the heap is full, a class is missing) has served some subscribers and not others, and it is not
   * known which. So all of them are ended, come back with the last id that they have, and the worker begins anew. If that
   * breaks off too, it is repeated for those that are left.
   */
  private void abandon(Throwable cause) {
    notifier.tell(
        () -> LOG.log(Level.ERROR, "[SSE] fan-out failed, all its streams are ended", cause));
    subscribers.endAll(EndReason.FAILED, cause);
    subscribers = newSubscribers.get();
    wake();
  }

  private void sleep(long now) {
    long nanos = Math.min(ticks.waitNanos(now), subscribers.nextExpiryNanos(now));
    if (pacing.isWaiting()) {
      nanos = Math.min(nanos, pacing.waitNanos(now));
    }
    LockSupport.parkNanos(this, nanos);
  }

  private void serveGroups(long now) {
    long unseenSince = unseenSinceNanos.getAndSet(0);
    long begun = System.nanoTime();
    subscribers.serveGroups(now);
    long end = System.nanoTime();
    pacing.passed(begun, end);
    if (unseenSince != 0) {
      counters.delivered(end - unseenSince);
    }
  }
}
