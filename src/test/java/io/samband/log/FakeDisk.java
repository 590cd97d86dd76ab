package io.samband.log;

import io.samband.event.EventId;
import io.samband.log.pending.PendingEventLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an engine keeps, in memory, with faults on demand: a disk that is full, that hangs, that fails after it has stored,
 * that forgets its newest events or cannot read some, and of which a copy can be put back. Any thread may use it.
 */
public final class FakeDisk {
  /** A publication whose key is remembered. */
  private record Remembered(long offset, String bodyHash) {}

  private final TreeMap<Long, Entry> rows = new TreeMap<>();
  private final Map<String, Remembered> keys = new HashMap<>();
  private final List<Epochs.Epoch> epochs = new ArrayList<>();
  private final List<Gap> gaps = new ArrayList<>();
  private long trimmedThrough;
  private long newest;
  private long nextEpoch;

  private boolean full;
  private boolean hanging;
  private int failuresBefore;
  private int failuresAfter;
  private Error errorAfter;
  private int forget;
  private int appends;

  public FakeDisk() {
    this(1);
  }

  /** As {@link #FakeDisk()}, with epochs of its own: no other disk has the same. */
  public FakeDisk(int number) {
    nextEpoch = (long) number << 20;
  }

  /** A log on this disk. */
  public PendingEventLog open(long retainEvents, int pendingEvents) {
    return open(retainEvents, pendingEvents, 250);
  }

  /** A log on this disk that counts as failing after so long without progress. */
  public PendingEventLog open(long retainEvents, int pendingEvents, long waitMillis) {
    return new PendingEventLog(
        new FakeEngine(retainEvents), pendingEvents, waitMillis, Duration.ofMillis(3));
  }

  /** An engine on this disk. */
  public LogEngine engine(long retainEvents) {
    return new FakeEngine(retainEvents);
  }

  /** From now on every write fails, also that of an opening; false: there is room again. */
  public synchronized void full(boolean isFull) {
    full = isFull;
  }

  /** From now on neither writes nor reads return; false: they go on. */
  public synchronized void hang(boolean hangs) {
    hanging = hangs;
    notifyAll();
  }

  /** The next so many appends fail, and store nothing. */
  public synchronized void failAppends(int times) {
    failuresBefore = times;
  }

  /** The next so many appends fail though they have stored everything. */
  public synchronized void failAfterAppends(int times) {
    failuresAfter = times;
  }

  /** The next append ends with an error, after it has stored everything. */
  public synchronized void throwAfterAppend(Error error) {
    errorAfter = error;
  }

  /** At the next opening so many of the newest events are gone. */
  public synchronized void forgetNewest(int events) {
    forget = events;
  }

  /** These events cannot be read any more. */
  public synchronized void damage(long from, long to) {
    rows.keySet().removeIf(offset -> offset >= from && offset <= to);
  }

  /** How many appends were tried. */
  public synchronized int appends() {
    return appends;
  }

  /** What is stored now, as an older copy to put back. */
  public synchronized FakeDisk copy() {
    var copy = new FakeDisk();
    copy.copyFrom(this);
    return copy;
  }

  /** Puts an older copy back; epochs go on being new, as random ones are. */
  public synchronized void restore(FakeDisk copy) {
    long next = nextEpoch;
    copyFrom(copy);
    nextEpoch = next;
  }

  private void copyFrom(FakeDisk other) {
    rows.clear();
    rows.putAll(other.rows);
    keys.clear();
    keys.putAll(other.keys);
    epochs.clear();
    epochs.addAll(other.epochs);
    gaps.clear();
    gaps.addAll(other.gaps);
    trimmedThrough = other.trimmedThrough;
    newest = other.newest;
    nextEpoch = other.nextEpoch;
  }

  // As a hanging disk, this gives up neither the lock of the log nor the thread.
  private void awaitAnswer() {
    boolean interrupted = false;
    while (hanging) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private final class FakeEngine implements LogEngine {
    private final long retainEvents;
    private boolean open;
    private volatile LogState state;
    private EventLog.Follower follower;
    private Batch last;
    private List<EventId> lastIds;
    private List<LoggedEvent> untold;

    FakeEngine(long retainEvents) {
      this.retainEvents = retainEvents;
    }

    @Override
    public LogState open(long known, EventLog.Follower newFollower) {
      synchronized (FakeDisk.this) {
        awaitAnswer();
        failIfFull();
        follower = newFollower;
        for (; forget > 0 && newest > trimmedThrough; forget--) {
          forgetOne();
        }
        forget = 0;
        epochs.add(new Epochs.Epoch(String.format("%08x", ++nextEpoch), newest + 1));
        if (newest < known) {
          gaps.add(new Gap(newest + 1, known));
          newest = known;
        }
        open = true;
        state = new LogState(new Epochs(epochs), trimmedThrough + 1, newest, gaps);
        return state;
      }
    }

    private void forgetOne() {
      long gone = newest;
      rows.remove(gone);
      keys.values().removeIf(key -> key.offset() == gone);
      gaps.replaceAll(
          gap -> gap.to() == gone && gap.from() < gone ? new Gap(gap.from(), gone - 1) : gap);
      gaps.removeIf(gap -> gap.to() == gone);
      newest--;
    }

    @Override
    public LogState state() {
      return state;
    }

    @Override
    public List<EventId> append(Batch batch) {
      List<LoggedEvent> events;
      synchronized (FakeDisk.this) {
        appends++;
        failIfClosed();
        awaitAnswer();
        failIfFull();
        if (failuresBefore > 0) {
          failuresBefore--;
          fail("the device is broken");
        }
        if (!batch.isSameAs(last)) {
          store(batch);
        }
        if (failuresAfter > 0) {
          failuresAfter--;
          fail("the device did not answer");
        }
        if (errorAfter != null) {
          Error error = errorAfter;
          errorAfter = null;
          throw error;
        }
        events = untold;
        untold = null;
      }
      if (events != null) {
        follower.advanced(events, state.newest());
      }
      return lastIds;
    }

    private void store(Batch batch) {
      if (batch.lost() > 0) {
        gaps.add(new Gap(newest + 1, newest + batch.lost()));
        newest += batch.lost();
      }
      List<EventId> ids = new ArrayList<>();
      List<LoggedEvent> events = new ArrayList<>();
      for (Entry entry : batch.entries()) {
        Remembered known = entry.key() == null ? null : keys.get(entry.key().value());
        if (known != null) {
          ids.add(
              known.bodyHash().equals(entry.key().bodyHash())
                  ? id(known.offset())
                  : EventId.UNKNOWN);
          continue;
        }
        rows.put(++newest, entry);
        if (entry.key() != null) {
          keys.put(entry.key().value(), new Remembered(newest, entry.key().bodyHash()));
        }
        ids.add(id(newest));
        events.add(new LoggedEvent(id(newest), entry.type(), entry.audience(), entry.json()));
      }
      last = batch;
      lastIds = ids;
      untold = newest > state.newest() ? events : null;
      state = new LogState(state.epochs(), trimmedThrough + 1, newest, gaps);
    }

    private EventId id(long offset) {
      return new EventId(state.epochs().of(offset), offset);
    }

    @Override
    public void maintain(boolean tick) {
      synchronized (FakeDisk.this) {
        failIfClosed();
        long target = newest - retainEvents;
        if (target > trimmedThrough) {
          failIfFull();
          trimmedThrough = target;
          rows.headMap(target, true).clear();
          keys.values().removeIf(key -> key.offset() <= target);
          gaps.removeIf(gap -> gap.to() <= target);
          state = state.trimmed(target + 1);
        }
      }
    }

    @Override
    public Scan read(long after, long through, EventFilter filter, int limit, int maxBytes) {
      synchronized (FakeDisk.this) {
        failIfClosed();
        awaitAnswer();
        List<LoggedEvent> events = new ArrayList<>();
        long at = after;
        // Small pages, so that every reader meets their ends.
        while (at < through && at - after < 7 && events.size() < limit) {
          Entry entry = rows.get(at + 1);
          if (entry == null) {
            damagedAfter(at);
            break;
          }
          at++;
          if (filter.takes(new EventHeader(at, entry.type(), entry.audience()))) {
            events.add(new LoggedEvent(id(at), entry.type(), entry.audience(), entry.json()));
          }
        }
        return new Scan(events, at);
      }
    }

    private void damagedAfter(long offset) {
      long from = offset + 1;
      Long next = rows.higherKey(from);
      long to = next == null ? newest : next - 1;
      if (from > trimmedThrough && to <= newest) {
        gaps.add(new Gap(from, to));
        state = state.with(new Gap(from, to));
      }
    }

    @Override
    public long unreadable() {
      return 0;
    }

    @Override
    public void close() {
      synchronized (FakeDisk.this) {
        open = false;
      }
    }

    private void failIfClosed() {
      if (!open) {
        throw new LogUnavailableException("the engine is not open");
      }
    }

    private void failIfFull() {
      if (full) {
        fail("no space left on device");
      }
    }

    /** As with a real one, nothing works after a failure until it is opened again. */
    private void fail(String why) {
      open = false;
      throw new LogUnavailableException(why);
    }
  }
}
