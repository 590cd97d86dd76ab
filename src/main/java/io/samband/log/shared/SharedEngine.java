package io.samband.log.shared;

import io.samband.event.EventId;
import io.samband.log.EventFilter;
import io.samband.log.EventLog;
import io.samband.log.LogEngine;
import io.samband.log.LogState;
import io.samband.log.LogUnavailableException;
import io.samband.log.Retention;
import io.samband.log.SharedLogFigures;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** An engine whose log is kept by a server, and is the same on all nodes. */
public final class SharedEngine implements LogEngine {
  private static final System.Logger LOG = System.getLogger(SharedEngine.class.getName());

  private static final Duration REFRESH_LIMIT = Duration.ofSeconds(2);

  private final SharedStore store;
  private final Retention retention;
  private final Counts counts = new Counts();

  private volatile KnownLog log;
  private volatile Tail tail;
  private volatile FreshHead freshHead;

  /** Whether the store wants to be opened again, which only the thread that appends may do. */
  private volatile boolean isReopeningDue;

  // Only the thread that appends uses these.

  /** Can be beyond what the follower was told of. */
  private long acknowledged;

  /** Whether the last trimming has left something: it goes on after the next append, so that the log does not outgrow it. */
  private boolean isTrimmingDue;

  public SharedEngine(SharedStore store, Retention retention) {
    this.store = store;
    this.retention = retention;
  }

  @Override
  public LogState open(long known, EventLog.Follower follower) {
    if (log != null) {
      reopen(known);
    } else {
      long asked = System.nanoTime();
      log = new KnownLog(store, store.open(known), follower);
      counts.confirmed(asked);
    }
    if (tail == null) {
      freshHead = new FreshHead(this::look, REFRESH_LIMIT);
      tail = new Tail(store, this::look);
    }
    return log.state();
  }

  private void reopen(long known) {
    String before = log.state().epoch();
    long asked = System.nanoTime();
    LogState opened =
        store.open(Math.max(known, Math.max(acknowledged, log.state().newest())));
    isReopeningDue = false;
    if (!opened.epoch().equals(before)) {
      LOG.log(
          Level.INFO,
          "[SSE] the shared log has a new epoch={0} before={1} newest={2,number,#}",
          opened.epoch(),
          before,
          opened.newest());
    }
    log.catchUp(opened);
    counts.confirmed(asked);
    counts.reconnects.incrementAndGet();
  }

  @Override
  public LogState state() {
    return log.state();
  }

  @Override
  public List<EventId> append(Batch batch) {
    SharedStore.Appended appended;
    String epoch = log.state().epoch();
    try {
      appended = stored(epoch, batch);
    } catch (FencedException e) {
      LOG.log(Level.INFO, "[SSE] {0}; opening it again", e.getMessage());
      reopen(0);
      epoch = log.state().epoch();
      appended = stored(epoch, batch);
    }
    acknowledged = Math.max(acknowledged, appended.newest());
    // If it cannot read what others have appended before, the tail does all of it.
    var unused = log.appended(epoch, batch, appended);
    store.tellGrowth();
    var epochs = log.state().epochs();
    return appended.offsets().stream()
        .map(offset -> offset == 0 ? EventId.UNKNOWN : new EventId(epochs.of(offset), offset))
        .toList();
  }

  private SharedStore.Appended stored(String epoch, Batch batch) {
    try {
      SharedStore.Appended appended = store.append(epoch, batch);
      if (appended.repeated()) {
        counts.repeats.incrementAndGet();
      }
      return appended;
    } catch (FencedException e) {
      counts.fenced.incrementAndGet();
      throw e;
    }
  }

  /** Asks where the log stands, and tells the follower of what is new. */
  private void look() {
    LogState before = log.state();
    long asked = System.nanoTime();
    try {
      LogState head = store.head(before);
      if (head.epoch().equals(before.epoch()) && head.newest() < before.newest()) {
        throw new FencedException("the shared log has lost its newest events newest="
            + before.newest() + " found=" + head.newest());
      }
      log.catchUp(head);
      counts.confirmed(asked);
    } catch (FencedException e) {
      isReopeningDue = true;
      throw e;
    }
  }

  @Override
  public Scan read(long after, long through, EventFilter filter, int limit, int maxBytes) {
    try {
      Scan scan =
          store.read(after, through, filter, limit, maxBytes, log.state().epochs());
      if (scan.through() > after || after >= through) {
        return scan;
      }
    } catch (FencedException e) {
      // Another epoch has begun, and this node has not heard of it yet.
    }
    // Trimmed by another node, or the above: the caller looks at the new state.
    refresh();
    return new Scan(List.of(), after);
  }

  @Override
  public void maintain(boolean tick) {
    if (isReopeningDue) {
      reopen(0);
    }
    if (tick || isTrimmingDue) {
      SharedStore.Trimmed trimmed = store.trim(retention);
      isTrimmingDue = trimmed == SharedStore.Trimmed.SOME;
      if (trimmed != SharedStore.Trimmed.NOTHING) {
        look();
      }
    }
  }

  @Override
  public long unreadable() {
    return 0;
  }

  @Override
  public long unconfirmedMillis() {
    return counts.unconfirmedMillis();
  }

  @Override
  public Optional<SharedLogFigures> shared() {
    KnownLog known = log;
    return Optional.of(new SharedLogFigures(
        counts.unconfirmedMillis(),
        known == null ? 0 : known.behind(),
        store.unacknowledged(),
        known == null ? 0 : known.epochs(),
        counts.fenced.get(),
        counts.repeats.get(),
        counts.reconnects.get()));
  }

  @Override
  public void refresh() {
    FreshHead asking = freshHead;
    if (asking == null) {
      throw new LogUnavailableException("the event log is closed");
    }
    if (unconfirmedMillis() > STALE_MILLIS) {
      // Not worth asking: whoever asks would hold a thread of the container until the limit.
      throw new LogUnavailableException("the shared log does not answer");
    }
    asking.await();
  }

  @Override
  public void close() {
    Tail following = tail;
    if (following != null) {
      following.end();
      freshHead.close();
    }
    store.close();
    if (following != null) {
      following.awaitEnd();
      tail = null;
      freshHead = null;
    }
  }
}
