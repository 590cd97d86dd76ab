package io.samband.stream;

import io.samband.log.EventLog;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * One thread with its share of the subscribers: it wakes when there is something to do, and never waits for a socket or a
 * disk.
 *
 * <p>All state of the worker, its {@link FanOut} and its subscribers is touched by this thread only; whoever wants something
 * done posts it.
 */
final class FanOutWorker implements Runnable {
  private static final System.Logger LOG = System.getLogger(FanOutWorker.class.getName());

  /** So many new subscribers in a second, and at least this share of all, are those that lost their connection. */
  private static final int MASS_ARRIVAL = 100;

  private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * When to come back after a full life: not at once, because {@code retry: 0} would make a browser that finds the server
   * gone knock without a pause; soon, because a dispatcher should not notice.
   */
  private static final int LIFETIME_RETURN_MIN_MILLIS = 100;

  private static final int LIFETIME_RETURN_SPREAD_MILLIS = 400;

  /** What the worker tells of subscribers that go. */
  interface Departures {
    void departed(Subscriber subscriber, String reason, Throwable cause);
  }

  private final EventLog log;
  private final FrameRing ring;
  private final Departures departures;
  private final long keepaliveNanos;
  private final long stallNanos;

  private final Queue<Runnable> inbox = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean signalled = new AtomicBoolean();
  private final AtomicLong unseenSinceNanos = new AtomicLong();
  private final WorkerCounters counters = new WorkerCounters();
  private final Thread thread;

  private final FanOut fanOut;
  private final Set<Subscriber> all = new LinkedHashSet<>();
  private int arrivals;
  private long now = System.nanoTime();
  private final Pacing pacing = new Pacing(now);
  private boolean running = true;
  private volatile boolean ended;

  FanOutWorker(
      EventLog log, FrameRing ring, PageReader reader, Settings settings, Departures departures) {
    this.log = log;
    this.ring = ring;
    this.fanOut =
        new FanOut(ring, reader, this::post, (gone, cause) -> drop(gone, "gone", cause), counters);
    this.departures = departures;
    this.keepaliveNanos = settings.millis(Setting.KEEPALIVE_MILLIS).toNanos();
    this.stallNanos = settings.millis(Setting.STALL_MILLIS).toNanos();
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
    for (Subscriber subscriber : List.copyOf(all)) {
      drop(subscriber, "shutdown", null);
    }
  }

  void register(Subscriber subscriber) {
    post(() -> {
      all.add(subscriber);
      arrivals++;
    });
  }

  /** The output of a subscriber takes bytes again. */
  void writable(Subscriber subscriber) {
    post(() -> fanOut.writable(subscriber));
  }

  void end(Subscriber subscriber, String reason, Throwable cause) {
    post(() -> drop(subscriber, reason, cause));
  }

  void tick() {
    post(this::keepalive);
  }

  /** Looks at every subscriber, by the worker's own thread. */
  void forEach(Consumer<Connection> look, Runnable done) {
    post(() -> {
      all.forEach(subscriber -> look.accept(connection(subscriber)));
      done.run();
    });
  }

  /** What was done so far, and who is here, by the worker's own thread. */
  void census(Consumer<Census> taker, Runnable done) {
    post(() -> {
      long newest = ring.newest();
      taker.accept(counters.census(all, subscriber -> newest - fanOut.cursor(subscriber)));
      done.run();
    });
  }

  /** Tells every subscriber when to come back, ends all streams and then the worker. */
  void drain(ToLongFunction<Subscriber> reconnectMillis, Runnable done) {
    post(() -> {
      for (Subscriber subscriber : List.copyOf(all)) {
        drain(subscriber, "shutdown", reconnectMillis.applyAsLong(subscriber));
      }
      running = false;
      done.run();
    });
  }

  @Override
  public void run() {
    while (running) {
      try {
        turn();
      } catch (RuntimeException | Error e) {
        abandon(e);
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
    fanOut.at(now);
    for (Runnable task = inbox.poll(); task != null; task = inbox.poll()) {
      task.run();
    }
    if (pass) {
      serveIdle();
    }
    if (fanOut.serveReady()) {
      wake();
    }
  }

  /**
   * A turn that broke off (a heap that is full, a class that is missing) has served some and not others, and nobody knows
   * whom. So all come back with the last id that they have, and the worker goes on.
   */
  private void abandon(Throwable cause) {
    LOG.log(Level.ERROR, "[SSE] fan-out failed, all its streams are ended", cause);
    for (Subscriber subscriber : List.copyOf(all)) {
      drop(subscriber, "failed", cause);
    }
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
    fanOut.serveIdle();
    long ended = System.nanoTime();
    pacing.passed(begun, ended);
    if (unseenSince != 0) {
      counters.delivered(ended - unseenSince);
    }
  }

  private Connection connection(Subscriber subscriber) {
    long cursor = fanOut.cursor(subscriber);
    return Connection.of(
        subscriber,
        log.state().idAt(cursor),
        Math.max(0, ring.newest() - cursor),
        Instant.now().minusNanos(now - subscriber.lastWriteNanos));
  }

  private void keepalive() {
    // Those that arrive by the hundred have just left by the hundred. Until the dead are written to
    // they keep their sockets, and may hold every descriptor that the living need.
    boolean massArrival = arrivals >= Math.max(MASS_ARRIVAL, all.size() / 10);
    long quietNanos = massArrival ? Math.min(PROBE_NANOS, keepaliveNanos) : keepaliveNanos;
    arrivals = 0;
    fanOut.keepalive(quietNanos, this::keepaliveFrame);
    for (Subscriber subscriber : List.copyOf(all)) {
      if (subscriber.state == Subscriber.State.BLOCKED
          && now - subscriber.blockedSinceNanos >= stallNanos) {
        drop(subscriber, "stalled", null);
      } else if (now - subscriber.expiresNanos >= 0) {
        drain(subscriber, "lifetime", lifetimeReturnMillis());
      }
    }
  }

  private static long lifetimeReturnMillis() {
    return LIFETIME_RETURN_MIN_MILLIS
        + ThreadLocalRandom.current().nextLong(LIFETIME_RETURN_SPREAD_MILLIS + 1);
  }

  private byte[] keepaliveFrame(ControlFrames controls, long cursor) {
    var state = log.state();
    return controls.keepalive(state.idAt(cursor), state.newest(), Instant.now());
  }

  private void drain(Subscriber subscriber, String reason, long reconnectMillis) {
    boolean writable =
        subscriber.state == Subscriber.State.IDLE || subscriber.state == Subscriber.State.READY;
    try {
      if (writable && subscriber.isReady()) {
        var id = log.state().idAt(fanOut.cursor(subscriber));
        subscriber.write(subscriber.controls.drain(id, reason, reconnectMillis), now);
      }
    } catch (IOException | RuntimeException e) {
      drop(subscriber, "gone", e);
      return;
    }
    drop(subscriber, reason, null);
  }

  private void drop(Subscriber subscriber, String reason, Throwable cause) {
    if (!all.remove(subscriber)) {
      return;
    }
    fanOut.leave(subscriber);
    try {
      subscriber.end();
    } catch (RuntimeException e) {
      // The container had ended the response already.
      departures.departed(subscriber, reason, cause == null ? e : cause);
      return;
    }
    departures.departed(subscriber, reason, cause);
  }
}
