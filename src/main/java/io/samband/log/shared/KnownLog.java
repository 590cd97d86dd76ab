package io.samband.log.shared;

import io.samband.event.EventId;
import io.samband.log.Entry;
import io.samband.log.Epochs;
import io.samband.log.EventFilter;
import io.samband.log.EventLog;
import io.samband.log.Gap;
import io.samband.log.LogEngine.Batch;
import io.samband.log.LogEngine.Scan;
import io.samband.log.LogState;
import io.samband.log.LogUnavailableException;
import io.samband.log.LoggedEvent;
import io.samband.log.Reset;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What this node knows of a shared log. It only moves forward, and the follower is told of each event once, in log order,
 * whoever has appended it. Thread-safe: the thread that appends and the tail both bring news.
 */
final class KnownLog {
  private static final System.Logger LOG = System.getLogger(KnownLog.class.getName());

  private static final int PAGE_EVENTS = 1_000;
  private static final int PAGE_BYTES = 4 << 20;

  private final SharedStore store;
  private final EventLog.Follower follower;

  // Held while the follower is told: otherwise two threads could tell in the wrong order.
  private final Object advancing = new Object();
  private volatile LogState state;

  /** The newest offset that this node knows to be in the log. Written with {@link #advancing} held. */
  private volatile long tip;

  private final AtomicLong epochs = new AtomicLong();

  /**
   * @param opened where the log stands now; the follower is told of what comes after it
   */
  KnownLog(SharedStore store, LogState opened, EventLog.Follower follower) {
    this.store = store;
    this.state = opened;
    this.tip = opened.newest();
    this.follower = follower;
  }

  LogState state() {
    return state;
  }

  /** How many events are known to be in the log that the follower has not been told of. */
  long behind() {
    return Math.max(0, tip - state.newest());
  }

  /** How often another epoch has begun. */
  long epochs() {
    return epochs.get();
  }

  /**
   * Takes what this node has appended. If others have appended before it, their events are read and told first; if that does
   * not succeed, the tail does it.
   *
   * @param epoch in which the store has taken the batch
   * @return whether the follower has been told of the batch
   */
  boolean appended(String epoch, Batch batch, SharedStore.Appended appended) {
    synchronized (advancing) {
      tip = Math.max(tip, appended.newest());
      if (appended.newest() <= state.newest()) {
        return true;
      }
      if (!state.epoch().equals(epoch) || !isTold(appended.first() - 1)) {
        return false;
      }
      LogState next = state;
      if (batch.lost() > 0) {
        next = next.with(new Gap(appended.first(), appended.first() + batch.lost() - 1));
      }
      tell(
          next.appended(appended.newest()),
          events(batch, appended, state.epochs()),
          appended.newest());
      return true;
    }
  }

  private boolean isTold(long through) {
    try {
      // One page: an append does not wait for more.
      if (state.newest() < through) {
        readOn(state, through);
      }
      return state.newest() == through;
    } catch (LogUnavailableException e) {
      // The batch is stored all the same. The tail reads it, and says so if it cannot.
      return false;
    }
  }

  /** Those of a batch that are new: not repeats of publications. */
  private static List<LoggedEvent> events(
      Batch batch, SharedStore.Appended appended, Epochs epochs) {
    List<LoggedEvent> events = new ArrayList<>(batch.entries().size());
    long last = 0;
    for (int i = 0; i < batch.entries().size(); i++) {
      long offset = appended.offsets().get(i);
      if (offset >= appended.first() && offset > last) {
        Entry entry = batch.entries().get(i);
        EventId id = new EventId(epochs.of(offset), offset);
        events.add(new LoggedEvent(id, entry.type(), entry.audience(), entry.json()));
        last = offset;
      }
    }
    return events;
  }

  /**
   * Takes an answer of the store, which may be older than what is known, and reads and tells what is new.
   *
   * @throws LogUnavailableException if it cannot be read; what was told before stays told
   */
  void catchUp(LogState head) {
    boolean more = true;
    while (more) {
      // Let go between two pages, so that an append does not wait for all of them.
      synchronized (advancing) {
        more = !isOutdated(head) && step(head);
      }
    }
  }

  /** Whether an answer was given before another one that has been taken already. */
  private boolean isOutdated(LogState head) {
    return state.epochs().has(head.epoch()) && !head.epochs().has(state.epoch());
  }

  private boolean step(LogState head) {
    tip = Math.max(tip, head.newest());
    if (!head.epoch().equals(state.epoch()) && !head.continues(state)) {
      rewind(head);
      return false;
    }
    if (head.newest() <= state.newest()) {
      take(upTo(state.newest(), head));
      return false;
    }
    Reset reset = head.resetFor(state.newest());
    if (reset != null) {
      long end = reset.id().offset();
      tell(upTo(end, head), List.of(), end);
      return true;
    }
    // If nothing comes, it was trimmed meanwhile, which the next answer says.
    return readOn(head, head.readableThrough(state.newest()));
  }

  /** Reads the next page and tells of it; whether there was anything in it. */
  private boolean readOn(LogState head, long through) {
    long before = state.newest();
    Scan page =
        store.read(before, through, EventFilter.ALL, PAGE_EVENTS, PAGE_BYTES, head.epochs());
    if (page.through() > before) {
      tell(upTo(page.through(), head), page.events(), page.through());
    }
    return page.through() > before;
  }

  /** What an answer says of the log up to an offset, which may be before or behind its newest one. */
  private LogState upTo(long newest, LogState head) {
    List<Gap> gaps = new ArrayList<>(head.gaps());
    // Those that this node has appended since the answer.
    gaps.addAll(state.gaps());
    return new LogState(head.epochs(), Math.max(state.oldest(), head.oldest()), newest, gaps);
  }

  private void tell(LogState next, List<LoggedEvent> events, long newest) {
    take(next);
    follower.advanced(events, newest);
  }

  /**
   * Events that this node has told of are gone, and others have their offsets. Those who have seen them must not get events of
   * the log as it is now until they have been told.
   */
  private void rewind(LogState head) {
    LOG.log(
        Level.ERROR,
        "[SSE] the shared log has lost events that this node had seen newest={0,number,#} epoch={1}; all its streams"
            + " are ended",
        state.newest(),
        state.epoch());
    follower.rewound(head.newest());
    take(head);
    tip = head.newest();
    follower.rewound(head.newest());
  }

  private void take(LogState next) {
    if (!next.epoch().equals(state.epoch())) {
      epochs.incrementAndGet();
    }
    state = next;
  }
}
