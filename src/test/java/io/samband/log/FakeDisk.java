package io.samband.log;

import io.samband.event.EventId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What an event log keeps, in memory, with faults on demand: a disk that is full, that fails after it has stored, that forgets
 * its newest, and of which a copy can be put back. Any thread may use it.
 */
public final class FakeDisk {
  private final TreeMap<Long, Store.Entry> rows = new TreeMap<>();
  private final Map<String, Store.Remembered> keys = new HashMap<>();
  private final List<Epochs.Epoch> epochs = new ArrayList<>();
  private long trimmedThrough;
  private final List<Gap> gaps = new ArrayList<>();
  private long newest;
  private long nextEpoch;

  private boolean full;
  private int failuresBefore;
  private int failuresAfter;
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
  public EmbeddedEventLog open(long retainEvents, int pendingEvents) {
    var retention = new Retention(retainEvents, Long.MAX_VALUE / 2, Long.MAX_VALUE / 2);
    return new EmbeddedEventLog(
        new FakeStore(), retention, pendingEvents, 2_000, Duration.ofMillis(3));
  }

  EmbeddedEventLog open() {
    return open(1_000_000, 10_000);
  }

  /** From now on every write fails, also that of an opening; false: there is room again. */
  public synchronized void full(boolean isFull) {
    full = isFull;
  }

  /** The next so many appends fail, and store nothing. */
  public synchronized void failAppends(int times) {
    failuresBefore = times;
  }

  /** The next so many appends fail though they have stored everything. */
  public synchronized void failAfterAppends(int times) {
    failuresAfter = times;
  }

  /** At the next opening so many of the newest events are gone. */
  public synchronized void forgetNewest(int events) {
    forget = events;
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
    trimmedThrough = other.trimmedThrough;
    gaps.clear();
    gaps.addAll(other.gaps);
    newest = other.newest;
    nextEpoch = other.nextEpoch;
  }

  Store store() {
    return new FakeStore();
  }

  private final class FakeStore implements Store {
    private boolean open;

    @Override
    public LogState open() {
      synchronized (FakeDisk.this) {
        failIfFull();
        for (; forget > 0 && newest > trimmedThrough; forget--) {
          rows.remove(newest);
          long cut = newest;
          gaps.replaceAll(
              gap -> gap.to() == cut && gap.from() < cut ? new Gap(gap.from(), cut - 1) : gap);
          gaps.removeIf(gap -> gap.to() == cut);
          long gone = newest;
          keys.values().removeIf(key -> key.offset() == gone);
          newest--;
        }
        forget = 0;
        epochs.add(new Epochs.Epoch(String.format("%08x", ++nextEpoch), newest + 1));
        open = true;
        return new LogState(new Epochs(epochs), trimmedThrough + 1, newest, gaps);
      }
    }

    @Override
    public void append(long firstOffset, List<Entry> entries) {
      synchronized (FakeDisk.this) {
        appends++;
        failIfClosed();
        failIfFull();
        if (failuresBefore > 0) {
          failuresBefore--;
          fail("the device is broken");
        }
        long offset = firstOffset;
        for (Entry entry : entries) {
          rows.put(offset, entry);
          if (entry.key() != null) {
            keys.put(entry.key().value(), new Remembered(offset, entry.key().bodyHash()));
          }
          newest = offset++;
        }
        if (failuresAfter > 0) {
          failuresAfter--;
          fail("the device did not answer");
        }
      }
    }

    @Override
    public void lose(Gap gap) {
      synchronized (FakeDisk.this) {
        failIfClosed();
        failIfFull();
        gaps.add(gap);
        newest = gap.to();
        if (failuresAfter > 0) {
          failuresAfter--;
          fail("the device did not answer");
        }
      }
    }

    @Override
    public Optional<Remembered> find(IdempotencyKey key) {
      synchronized (FakeDisk.this) {
        failIfClosed();
        return Optional.ofNullable(keys.get(key.value()));
      }
    }

    @Override
    public long trimTarget(LogState state, Retention retention, long nowMillis) {
      failIfClosed();
      return Math.max(state.oldest() - 1, state.newest() - retention.events());
    }

    @Override
    public void trim(long through) {
      synchronized (FakeDisk.this) {
        failIfClosed();
        failIfFull();
        trimmedThrough = Math.max(trimmedThrough, through);
        rows.headMap(through, true).clear();
        keys.values().removeIf(key -> key.offset() <= through);
      }
    }

    @Override
    public Scan read(
        long after, long through, Epochs known, EventFilter filter, int limit, int maxBytes) {
      synchronized (FakeDisk.this) {
        failIfClosed();
        List<LoggedEvent> events = new ArrayList<>();
        long at = after;
        // Small pages, so that every reader meets their ends.
        while (at < through && at - after < 7 && events.size() < limit) {
          Entry entry = rows.get(at + 1);
          if (entry == null) {
            break;
          }
          at++;
          if (filter.takes(new EventHeader(at, entry.type()))) {
            events.add(new LoggedEvent(new EventId(known.of(at), at), entry.type(), entry.json()));
          }
        }
        return new Scan(events, at);
      }
    }

    @Override
    public void flush() {
      failIfClosed();
    }

    @Override
    public void close() {
      synchronized (FakeDisk.this) {
        open = false;
      }
    }

    private void failIfClosed() {
      synchronized (FakeDisk.this) {
        if (!open) {
          throw new LogUnavailableException("the store is not open");
        }
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
