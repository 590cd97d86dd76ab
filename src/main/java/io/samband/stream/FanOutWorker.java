package io.samband.stream;

import io.samband.log.EventLog;
import io.samband.log.TypeFilter;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
 * One thread that writes to its share of the subscribers: only to those that can take bytes and for whom there are some.
 *
 * <p>All state of the worker, its audiences and its subscribers is touched by this thread only; whoever wants something done
 * posts it. It never waits for a socket or a disk.
 */
final class FanOutWorker implements Runnable {
  /** Why so little: what a socket does not take is held in memory until it does, once per stalled subscriber. */
  static final int MAX_WRITE_BYTES = 32 * 1024;

  /** Writes to one subscriber in a row, before the others have their turn. */
  private static final int MAX_WRITES_IN_A_ROW = 8;

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
  private final PageReader reader;
  private final Departures departures;
  private final long keepaliveNanos;
  private final long stallNanos;

  private final Queue<Runnable> inbox = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean signalled = new AtomicBoolean();
  private final AtomicLong unseenSinceNanos = new AtomicLong();
  private final WorkerCounters counters = new WorkerCounters();
  private final Thread thread;

  private final Map<TypeFilter, Audience> audiences = new HashMap<>();
  private final Set<Subscriber> all = new LinkedHashSet<>();

  // Those with more to come, and those that wait for their audience.
  private List<Subscriber> ready = new ArrayList<>();
  private final List<Subscriber> ahead = new ArrayList<>();
  private int arrivals;
  private long now = System.nanoTime();
  private boolean running = true;

  FanOutWorker(
      EventLog log, FrameRing ring, PageReader reader, Settings settings, Departures departures) {
    this.log = log;
    this.ring = ring;
    this.reader = reader;
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
  }

  void register(Subscriber subscriber) {
    post(() -> {
      all.add(subscriber);
      arrivals++;
    });
  }

  /** The output of a subscriber takes bytes again. */
  void writable(Subscriber subscriber) {
    post(() -> {
      if (subscriber.state == Subscriber.State.BLOCKED) {
        subscriber.state = Subscriber.State.READY;
        ready.add(subscriber);
      }
    });
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
      taker.accept(counters.census(all, subscriber -> newest - cursor(subscriber)));
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
      if (!signalled.getAndSet(false)) {
        LockSupport.park(this);
        continue;
      }
      now = System.nanoTime();
      for (Runnable task = inbox.poll(); task != null; task = inbox.poll()) {
        task.run();
      }
      long unseenSince = unseenSinceNanos.getAndSet(0);
      serveAudiences();
      if (unseenSince != 0) {
        counters.delivered(System.nanoTime() - unseenSince);
      }
      serveReady();
    }
  }

  private void serveAudiences() {
    long newest = ring.newest();
    for (Audience audience : audiences.values()) {
      while (audience.cursor < newest && !audience.replaying) {
        Batch batch = next(audience);
        if (batch == null) {
          break;
        }
        deliver(audience, batch);
      }
    }
  }

  private Batch next(Audience audience) {
    if (audience.page != null) {
      Batch page = audience.page;
      audience.page = null;
      return page;
    }
    Batch batch = ring.after(audience.cursor, audience.filter, MAX_WRITE_BYTES);
    if (batch == null && audience.isEmpty()) {
      audience.cursor = ring.newest();
    } else if (batch == null) {
      audience.replaying = true;
      reader.read(
          audience.cursor,
          audience.filter,
          audience.get(0).controls,
          page -> post(() -> {
            audience.replaying = false;
            audience.page = page;
          }));
    }
    return batch;
  }

  private void deliver(Audience audience, Batch batch) {
    audience.cursor = batch.through();
    if (batch.isEmpty()) {
      return;
    }
    counters.written(batch, audience.size());
    // From the last to the first: who leaves is replaced by one that was served already.
    for (int i = audience.size() - 1; i >= 0; i--) {
      Subscriber subscriber = audience.get(i);
      attempt(subscriber, () -> subscriber.write(batch, now));
    }
  }

  private interface Write {
    void to() throws IOException;
  }

  /** Writes to an idle subscriber, which then stays idle, or waits for its client, or is gone. */
  private void attempt(Subscriber subscriber, Write write) {
    try {
      write.to();
      if (!subscriber.isReady()) {
        audiences.get(subscriber.filter).remove(subscriber);
        block(subscriber);
      }
    } catch (IOException | RuntimeException e) {
      drop(subscriber, "gone", e);
    }
  }

  private void block(Subscriber subscriber) {
    subscriber.state = Subscriber.State.BLOCKED;
    subscriber.blockedSinceNanos = now;
  }

  private void serveReady() {
    if (ready.isEmpty() && ahead.isEmpty()) {
      return;
    }
    List<Subscriber> turn = ready;
    turn.addAll(ahead);
    ready = new ArrayList<>();
    ahead.clear();
    for (Subscriber subscriber : turn) {
      if (subscriber.state == Subscriber.State.READY) {
        serve(subscriber);
      }
    }
    if (!ready.isEmpty()) {
      wake();
    }
  }

  private void serve(Subscriber subscriber) {
    try {
      for (int writes = 0; writes < MAX_WRITES_IN_A_ROW; writes++) {
        if (!subscriber.isReady()) {
          block(subscriber);
          return;
        }
        Batch batch = next(subscriber);
        if (batch == null) {
          return;
        }
        if (!batch.isEmpty() || !subscriber.isGreeted()) {
          subscriber.write(batch, now);
          counters.written(batch, 1);
        } else {
          subscriber.cursor = batch.through();
          if (subscriber.cursor >= ring.newest()) {
            settle(subscriber);
            return;
          }
        }
      }
      ready.add(subscriber);
    } catch (IOException | RuntimeException e) {
      drop(subscriber, "gone", e);
    }
  }

  /** What a subscriber that stands alone gets next, or null if the disk must be asked first. */
  private Batch next(Subscriber subscriber) {
    if (subscriber.page != null) {
      Batch page = subscriber.page;
      subscriber.page = null;
      return page;
    }
    Batch batch = ring.after(subscriber.cursor, subscriber.filter, MAX_WRITE_BYTES);
    if (batch == null && !subscriber.isGreeted()) {
      // The greeting must not wait for the disk.
      return Batch.of(List.of(), 0, 0, subscriber.cursor);
    }
    if (batch == null) {
      subscriber.state = Subscriber.State.REPLAYING;
      reader.read(
          subscriber.cursor,
          subscriber.filter,
          subscriber.controls,
          page -> post(() -> resume(subscriber, page)));
    }
    return batch;
  }

  private void resume(Subscriber subscriber, Batch page) {
    if (subscriber.state == Subscriber.State.REPLAYING) {
      counters.pages++;
      subscriber.page = page;
      subscriber.state = Subscriber.State.READY;
      ready.add(subscriber);
    }
  }

  /** A subscriber that has everything joins those that take the same types. */
  private void settle(Subscriber subscriber) {
    Audience audience = audiences.computeIfAbsent(
        subscriber.filter, filter -> new Audience(filter, subscriber.cursor));
    if (audience.isEmpty() && !audience.replaying) {
      audience.page = null;
      audience.cursor = subscriber.cursor;
    }
    if (audience.cursor == subscriber.cursor) {
      audience.add(subscriber);
    } else {
      // The audience is behind, at the disk: until it comes, this one is served alone, whenever
      // there is something new.
      ahead.add(subscriber);
    }
  }

  /** Where a subscriber stands: an idle one stands where its audience does. */
  private long cursor(Subscriber subscriber) {
    return subscriber.state == Subscriber.State.IDLE
        ? audiences.get(subscriber.filter).cursor
        : subscriber.cursor;
  }

  private Connection connection(Subscriber subscriber) {
    long cursor = cursor(subscriber);
    return Connection.of(
        subscriber,
        log.state().idAt(cursor),
        Math.max(0, ring.newest() - cursor),
        Instant.now().minusNanos(now - subscriber.lastWriteNanos));
  }

  private void keepalive() {
    // Those that arrive by the hundred have just left by the hundred: unless they are written to,
    // the dead keep their
    // sockets until the next keepalive, and may hold every descriptor that the living need.
    boolean massArrival = arrivals >= Math.max(MASS_ARRIVAL, all.size() / 10);
    long quietNanos = massArrival ? Math.min(PROBE_NANOS, keepaliveNanos) : keepaliveNanos;
    arrivals = 0;
    for (Audience audience : audiences.values()) {
      byte[] frame = null;
      for (int i = audience.size() - 1; i >= 0; i--) {
        Subscriber subscriber = audience.get(i);
        if (now - subscriber.lastWriteNanos >= quietNanos) {
          if (frame == null) {
            frame = keepaliveFrame(subscriber.controls, audience.cursor);
          }
          byte[] bytes = frame;
          counters.keepalives++;
          attempt(subscriber, () -> subscriber.write(bytes, now));
        }
      }
    }
    audiences.values().removeIf(audience -> audience.isEmpty() && !audience.replaying);
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
        var id = log.state().idAt(cursor(subscriber));
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
    if (subscriber.state == Subscriber.State.IDLE) {
      audiences.get(subscriber.filter).remove(subscriber);
    }
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
