package io.samband.log;

import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** The event log of a single node, in a file of its own. */
public final class EmbeddedEventLog implements EventLog {
  private static final System.Logger LOG = System.getLogger(EmbeddedEventLog.class.getName());

  // A redeployment may open the log a moment before the old one has let go of it.
  private static final Duration OPEN_WAIT = Duration.ofSeconds(5);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);
  private static final int READ_ATTEMPTS = 5;

  // Events have very different sizes: what waits is bounded in memory too, whatever the setting.
  private static final long PENDING_BYTES = 64 << 20;

  private final Store store;
  private final PendingQueue queue;
  private final long putWaitMillis;
  private final Thread appenderThread;
  private final List<Follower> followers = new CopyOnWriteArrayList<>();

  // Guards that a follower sees every advance from the state on that it was first told.
  private final Object advancing = new Object();
  private volatile LogState state;
  private boolean closed;

  EmbeddedEventLog(
      Store store,
      Retention retention,
      int pendingEvents,
      long putWaitMillis,
      Duration firstRetry) {
    this.store = store;
    this.queue = new PendingQueue(pendingEvents, PENDING_BYTES);
    this.putWaitMillis = putWaitMillis;
    this.state = opened(store);
    var appender = new Appender(store, retention, queue, this::advanced, firstRetry, state);
    // Not a managed thread: containers interrupt those at undeployment, before what waits is
    // stored.
    this.appenderThread = new Thread(appender, "samband-appender");
    appenderThread.setDaemon(true);
    appenderThread.start();
    LOG.log(
        System.Logger.Level.INFO,
        "[SSE] event log open epoch={0} oldest={1,number,#} newest={2,number,#}",
        state.epoch(),
        state.oldest(),
        state.newest());
  }

  /**
   * Opens the log that the settings name.
   *
   * @throws LogOpenException if it cannot be opened; the message says what to do
   */
  public static EmbeddedEventLog open(Settings settings) {
    long deadline = System.nanoTime() + OPEN_WAIT.toNanos();
    while (true) {
      try {
        return new EmbeddedEventLog(
            new H2Store(settings.dataDir(), settings.dataSync()),
            Retention.of(settings),
            settings.integer(Setting.PENDING_EVENTS),
            settings.number(Setting.PUBLISH_WAIT_MILLIS),
            Appender.FIRST_RETRY);
      } catch (LogOpenException e) {
        if (!(e instanceof LogInUseException) || System.nanoTime() > deadline) {
          // Logged here: one of the servers says no more than that the deployment failed.
          LOG.log(System.Logger.Level.ERROR, e.getMessage());
          throw e;
        }
        pause();
      }
    }
  }

  private static LogState opened(Store store) {
    try {
      return store.open();
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private static void pause() {
    try {
      Thread.sleep(200);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("interrupted while the event log was in use", e);
    }
  }

  @Override
  public LogState state() {
    return state;
  }

  @Override
  public CompletionStage<PublishOutcome> append(List<SSEEvent> events) {
    var append =
        new PendingQueue.Append(events.stream().map(event -> entry(event, null)).toList(), false);
    queue.put(append, putWaitMillis);
    return append.done;
  }

  @Override
  public CompletionStage<PublishOutcome> appendNow(SSEEvent event, IdempotencyKey key) {
    var append = new PendingQueue.Append(List.of(entry(event, key)), true);
    queue.put(append, putWaitMillis);
    return append.done;
  }

  private static Store.Entry entry(SSEEvent event, IdempotencyKey key) {
    // Encoded here, by the publisher's thread: once, and not by the one thread that all wait for.
    return new Store.Entry(event.type(), event.json(), key);
  }

  @Override
  public Page read(long after, EventFilter filter, int limit, int maxBytes) {
    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
      LogState now = state;
      Reset reset = now.resetFor(after);
      long from = reset == null ? after : reset.id().offset();
      long last = now.readableThrough(from);
      if (from >= last) {
        return new Page(reset, List.of(), from, from < now.newest());
      }
      Store.Scan scan = store.read(from, last, now.epochs(), filter, limit, maxBytes);
      if (scan.through() > from) {
        return new Page(reset, scan.events(), scan.through(), scan.through() < now.newest());
      }
      // Nothing where something must be: it was trimmed in between, and the next look knows.
    }
    throw new LogUnavailableException("the event log has no event after offset " + after);
  }

  @Override
  public void follow(Follower follower) {
    synchronized (advancing) {
      followers.add(follower);
      follower.advanced(List.of(), state.newest());
    }
  }

  private void advanced(LogState next, List<LoggedEvent> events) {
    synchronized (advancing) {
      boolean grown = next.newest() != state.newest();
      state = next;
      if (!grown) {
        return;
      }
      for (Follower follower : followers) {
        try {
          follower.advanced(events, next.newest());
        } catch (RuntimeException | Error e) {
          // Delivery is not the log's business: a follower that fails reads what it missed. And
          // what is stored must never look as if it had failed: it would be stored again.
          LOG.log(System.Logger.Level.ERROR, "[SSE] a follower of the event log failed", e);
        }
      }
    }
  }

  @Override
  public LogHealth health() {
    return queue.health();
  }

  /** Stores what waits, then closes the file. What cannot be stored in time is given up and logged. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    queue.close();
    try {
      appenderThread.join(CLOSE_WAIT.toMillis());
      if (appenderThread.isAlive()) {
        appenderThread.interrupt();
        appenderThread.join(CLOSE_WAIT.toMillis());
      }
    } catch (InterruptedException e) {
      appenderThread.interrupt();
      Thread.currentThread().interrupt();
    }
    LOG.log(System.Logger.Level.INFO, "[SSE] event log closed");
  }
}
