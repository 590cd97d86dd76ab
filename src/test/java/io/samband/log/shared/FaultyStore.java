package io.samband.log.shared;

import io.samband.log.Epochs;
import io.samband.log.EventFilter;
import io.samband.log.LogEngine.Batch;
import io.samband.log.LogEngine.Scan;
import io.samband.log.LogState;
import io.samband.log.LogUnavailableException;
import io.samband.log.Retention;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A store between which and its node things go wrong, as a test says. */
final class FaultyStore implements SharedStore {
  /** Nothing gets through. */
  volatile boolean cut;

  /** Nobody hears of what this node appends, and this node hears of nobody. */
  volatile boolean deaf;

  private final Object tailLooks = new Object();
  private boolean tailBlind;

  /** So many appends are done and not answered. */
  final AtomicInteger swallowed = new AtomicInteger();

  /** So many reads fail. */
  final AtomicInteger failedReads = new AtomicInteger();

  final AtomicInteger trims = new AtomicInteger();

  /** Trimming says that there is more to remove. */
  volatile boolean leavesSome;

  private final SharedStore store;

  FaultyStore(SharedStore store) {
    this.store = store;
  }

  /** Whether the tail is always told that nothing is new; it has ended what it was about when this returns. */
  void blindTail(boolean blind) {
    synchronized (tailLooks) {
      tailBlind = blind;
    }
  }

  private void pass() {
    if (cut) {
      throw new LogUnavailableException("cut off by the test");
    }
  }

  @Override
  public LogState open(long known) {
    pass();
    return store.open(known);
  }

  @Override
  public Appended append(String epoch, Batch batch) {
    pass();
    Appended appended = store.append(epoch, batch);
    if (swallowed.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new LogUnavailableException("swallowed by the test");
    }
    return appended;
  }

  @Override
  public void tellGrowth() {
    if (!cut && !deaf) {
      store.tellGrowth();
    }
  }

  @Override
  public LogState head(LogState seen) {
    pass();
    if (!Thread.currentThread().getName().startsWith("samband-log-tail")) {
      return store.head(seen);
    }
    synchronized (tailLooks) {
      return tailBlind ? seen : store.head(seen);
    }
  }

  @Override
  public OptionalLong unacknowledged() {
    return store.unacknowledged();
  }

  @Override
  public void awaitGrowth(long maxMillis) {
    long begun = System.nanoTime();
    if (deaf) {
      while (System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(maxMillis)) {
        LockSupport.parkNanos(5_000_000);
      }
    } else {
      store.awaitGrowth(maxMillis);
    }
  }

  @Override
  public Scan read(
      long after, long through, EventFilter filter, int limit, int maxBytes, Epochs epochs) {
    pass();
    if (failedReads.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new LogUnavailableException("not read, says the test");
    }
    return store.read(after, through, filter, limit, maxBytes, epochs);
  }

  @Override
  public Trimmed trim(Retention retention) {
    pass();
    trims.incrementAndGet();
    Trimmed trimmed = store.trim(retention);
    return leavesSome ? Trimmed.SOME : trimmed;
  }

  @Override
  public void close() {
    store.close();
  }
}
