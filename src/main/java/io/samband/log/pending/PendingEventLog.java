package io.samband.log.pending;

import io.samband.concurrent.Backoff;
import io.samband.concurrent.NamedThreads;
import io.samband.event.EventId;
import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.log.Entry;
import io.samband.log.EventFilter;
import io.samband.log.EventLog;
import io.samband.log.IdempotencyConflictException;
import io.samband.log.IdempotencyKey;
import io.samband.log.LogEngine;
import io.samband.log.LogHealth;
import io.samband.log.LogInUseException;
import io.samband.log.LogOpenException;
import io.samband.log.LogState;
import io.samband.log.LogUnavailableException;
import io.samband.log.LoggedEvent;
import io.samband.log.Page;
import io.samband.log.Replay;
import io.samband.log.Reset;
import io.samband.log.SharedLogFigures;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The event log in front of any engine: publishers wait here, in order and within bounds, until the engine has stored. */
public final class PendingEventLog implements EventLog {
  private static final System.Logger LOG = System.getLogger(PendingEventLog.class.getName());

  private static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);
  private static final long READ_LIMIT_MILLIS = 5_000;
  private static final long LOOK_AGAIN_MILLIS = 200;
  private static final int READ_ATTEMPTS = 5;

  // Containers kill a deployment that does not end: no longer than this, and shorter if nothing is
  // being stored anyway.
  private static final long CLOSE_LIMIT_MILLIS = 10_000;
  private static final long CLOSE_LIMIT_FAILING_MILLIS = 2_000;
  private static final long CLOSE_LIMIT_ABANDONED_MILLIS = 500;

  // Events have very different sizes, so what waits is bounded in bytes too.
  private static final long PENDING_BYTES = 64 << 20;

  private final LogEngine engine;
  private final PendingQueue queue;
  private final Thread appenderThread;
  private final BoundedReads reads;
  private final List<Follower> followers = new CopyOnWriteArrayList<>();

  /** What the engine tells. */
  private final Follower follower = new Follower() {
    @Override
    public void advanced(List<LoggedEvent> events, long newest) {
      tell(newest, each -> each.advanced(events, newest));
    }

    @Override
    public void rewound(long newest) {
      tell(newest, each -> each.rewound(newest));
    }
  };

  // Guards that a follower sees every advance from the position on that it was first told.
  private final Object advancing = new Object();
  private long told;
  private boolean closed;

  /**
   * Opens a log.
   *
   * @param pendingEvents how many events wait in memory at the most
   * @param waitMillis without progress for so long the log counts as failing
   * @param firstRetry how long to wait before an engine that failed is opened again; doubles up to 5 s
   * @throws LogOpenException if the engine cannot be opened
   */
  public PendingEventLog(
      LogEngine engine, int pendingEvents, long waitMillis, Duration firstRetry) {
    this.engine = engine;
    this.queue = new PendingQueue(pendingEvents, PENDING_BYTES);
    LogState state = opened();
    synchronized (advancing) {
      // A shared engine may have told of more already.
      told = Math.max(told, state.newest());
    }
    this.reads = new BoundedReads(READ_LIMIT_MILLIS);
    var watch = new ProgressWatch(waitMillis, this::failing);
    var appender =
        new Appender(engine, queue, watch, follower, new Backoff(firstRetry, LAST_RETRY));
    this.appenderThread = new NamedThreads("samband-appender").newThread(appender);
    appenderThread.start();
    watch.start();
    LOG.log(
        System.Logger.Level.INFO,
        "[SSE] event log open epoch={0} oldest={1,number,#} newest={2,number,#} gaps={3,number,#}",
        state.epoch(),
        state.oldest(),
        state.newest(),
        state.gaps().size());
  }

  /**
   * Opens a log as the settings say. If another process has it, or the server that keeps it does not answer, waits up to
   * {@code samband.data.wait-millis}.
   *
   * @throws LogOpenException if it cannot be opened; the message says what to do
   */
  public static PendingEventLog open(LogEngine engine, Settings settings) {
    long deadline =
        System.nanoTime() + settings.millis(Setting.DATA_WAIT_MILLIS).toNanos();
    boolean said = false;
    while (true) {
      try {
        return new PendingEventLog(
            engine,
            settings.integer(Setting.PENDING_EVENTS),
            settings.number(Setting.PUBLISH_WAIT_MILLIS),
            FIRST_RETRY);
      } catch (LogOpenException | LogUnavailableException e) {
        boolean mayPass = e instanceof LogInUseException || e instanceof LogUnavailableException;
        if (!mayPass || System.nanoTime() - deadline >= 0) {
          // Logged here, because one of the servers says no more than that the deployment failed.
          LOG.log(System.Logger.Level.ERROR, e.getMessage());
          throw e;
        }
        if (!said) {
          LOG.log(System.Logger.Level.WARNING, "{0}; waiting for it", e.getMessage());
          said = true;
        }
        pause();
      }
    }
  }

  private LogState opened() {
    try {
      return engine.open(0, follower);
    } catch (RuntimeException | Error e) {
      engine.close();
      throw e;
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("interrupted while the event log was in use", e);
    }
  }

  @Override
  public LogState state() {
    return engine.state();
  }

  @Override
  public Replay replay(String lastEventId) {
    Replay replay = state().replay(lastEventId);
    if (!isVerdict(replay)) {
      return replay;
    }
    engine.refresh();
    return state().replay(lastEventId);
  }

  /** Whether it says of a cursor that it is not one of this log, which a node that knows too little would say, too. */
  private static boolean isVerdict(Replay replay) {
    return replay.reset() != null
        && !replay.helloId().equals(EventId.UNKNOWN)
        && (replay.reset().reason() == Reset.Reason.AHEAD
            || replay.reset().reason() == Reset.Reason.UNKNOWN_EPOCH);
  }

  @Override
  public CompletionStage<PublishOutcome> append(List<SSEEvent> events) {
    return put(events.stream().map(event -> entry(event, null)).toList(), false);
  }

  @Override
  public CompletionStage<PublishOutcome> appendNow(SSEEvent event, IdempotencyKey key) {
    return put(List.of(entry(event, key)), true).thenApply(PendingEventLog::withoutConflict);
  }

  private static PublishOutcome withoutConflict(PublishOutcome outcome) {
    if (outcome instanceof PublishOutcome.Durable durable
        && durable.ids().contains(EventId.UNKNOWN)) {
      throw new IdempotencyConflictException();
    }
    return outcome;
  }

  @Override
  public CompletionStage<PublishOutcome> appendNow(List<Entry> entries) {
    return put(entries, true);
  }

  private CompletionStage<PublishOutcome> put(List<Entry> entries, boolean refusable) {
    var publication = new Publication(entries, refusable);
    queue.put(publication);
    return publication.outcome;
  }

  // Encoded by the publisher's thread, not by the one thread that all publishers wait for.
  private static Entry entry(SSEEvent event, IdempotencyKey key) {
    return new Entry(event.type(), event.audience(), event.json(), key);
  }

  @Override
  public Page read(long after, EventFilter filter, int limit, int maxBytes) {
    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
      LogState now = engine.state();
      Reset reset = now.resetFor(after);
      long from = reset == null ? after : reset.id().offset();
      long last = now.readableThrough(from);
      if (from >= last) {
        return new Page(reset, List.of(), from, from < now.newest());
      }
      LogEngine.Scan scan = reads.read(() -> engine.read(from, last, filter, limit, maxBytes));
      if (scan.through() > from) {
        return new Page(reset, scan.events(), scan.through(), scan.through() < now.newest());
      }
      // Nothing where the state said there was something: trimmed or found damaged meanwhile, and
      // the new state says so.
    }
    throw new LogUnavailableException("the event log has no event after offset " + after);
  }

  @Override
  public void follow(Follower newFollower) {
    synchronized (advancing) {
      followers.add(newFollower);
      newFollower.advanced(List.of(), told);
    }
  }

  private void tell(long newest, Consumer<Follower> news) {
    synchronized (advancing) {
      told = newest;
      for (Follower each : followers) {
        try {
          news.accept(each);
        } catch (RuntimeException | Error e) {
          // The events are stored. A follower that failed reads later what it missed.
          LOG.log(System.Logger.Level.ERROR, "[SSE] a follower of the event log failed", e);
        }
      }
    }
  }

  private void failing(String reason) {
    boolean isNew = !queue.isFailing();
    // First, because a log handler may block, and publishers wait for this.
    queue.failing(reason);
    if (isNew) {
      LOG.log(System.Logger.Level.ERROR, "[SSE] event log fails: {0}", reason);
    }
  }

  @Override
  public LogHealth health() {
    LogHealth health = queue.health(engine.unreadable());
    long unconfirmed = engine.unconfirmedMillis();
    return unconfirmed > LogEngine.STALE_MILLIS ? health.stale(unconfirmed) : health;
  }

  @Override
  public Optional<SharedLogFigures> shared() {
    return engine.shared();
  }

  /** Stores what waits, then closes the engine. What cannot be stored in time is given up, and the log says how much. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    queue.close();
    try {
      awaitAppender();
    } catch (InterruptedException e) {
      appenderThread.interrupt();
      Thread.currentThread().interrupt();
    }
    int givenUp = queue.abandon();
    if (givenUp > 0) {
      LOG.log(System.Logger.Level.ERROR, "[SSE] event log gave up pending={0,number,#}", givenUp);
    }
    reads.close();
    LOG.log(System.Logger.Level.INFO, "[SSE] event log closed");
  }

  private void awaitAppender() throws InterruptedException {
    long begun = System.nanoTime();
    long millis = 0;
    while (appenderThread.isAlive()
        && millis < (queue.isFailing() ? CLOSE_LIMIT_FAILING_MILLIS : CLOSE_LIMIT_MILLIS)) {
      appenderThread.join(50);
      millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
    }
    if (appenderThread.isAlive()) {
      appenderThread.interrupt();
      appenderThread.join(CLOSE_LIMIT_ABANDONED_MILLIS);
    }
  }
}
