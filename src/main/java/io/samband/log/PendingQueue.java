package io.samband.log;

import io.samband.event.PublishOutcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits to be appended, in order, bounded. Publishers put, one appender takes.
 *
 * <p>While the log fails, what may be refused is refused, and the rest waits; what overflows is counted where it stood, so
 * that the loss gets its offsets in order.
 */
final class PendingQueue {
  /** Events to append together. */
  static final class Append {
    final List<Store.Entry> entries;
    final boolean refusable;
    final CompletableFuture<PublishOutcome> done = new CompletableFuture<>();

    private final long bytes;

    /** More than 0: this stands for so many lost events, and has no entries. */
    private long lost;

    Append(List<Store.Entry> entries, boolean refusable) {
      this.entries = entries;
      this.refusable = refusable;
      this.bytes = entries.stream().mapToLong(entry -> entry.json().length).sum();
    }

    long lost() {
      return lost;
    }

    int size() {
      return entries.size();
    }

    long bytes() {
      return bytes;
    }
  }

  private final int bound;
  private final long byteBound;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final Deque<Append> waiting = new ArrayDeque<>();
  private int pending;
  private long pendingBytes;
  private long lostInAll;
  private String problem;
  private long troubleSince;
  private boolean closed;

  /**
   * @param bound events that may wait
   * @param byteBound bytes that may wait
   */
  PendingQueue(int bound, long byteBound) {
    this.bound = bound;
    this.byteBound = byteBound;
  }

  /**
   * Puts events at the end.
   *
   * @param waitMillis how long to wait for room while the log is healthy
   */
  void put(Append append, long waitMillis) {
    lock.lock();
    try {
      if (closed) {
        append.done.complete(
            append.refusable
                ? new PublishOutcome.Refused(trouble())
                : new PublishOutcome.Lost(trouble()));
      } else if (awaitRoom(append, waitMillis) && !(append.refusable && problem != null)) {
        waiting.addLast(append);
        pending += append.size();
        pendingBytes += append.bytes();
        arrived.signal();
        if (problem != null) {
          // It waits, but nobody should wait for it: each event would hold the code that fired it.
          append.done.complete(new PublishOutcome.Waiting(problem));
        }
      } else {
        refuse(append);
      }
    } finally {
      lock.unlock();
    }
  }

  // A batch that is larger than the bound is taken when it would be alone: it could not be
  // published otherwise.
  private boolean awaitRoom(Append append, long waitMillis) {
    long nanos = TimeUnit.MILLISECONDS.toNanos(waitMillis);
    while (pending > 0 && isTooMuch(append)) {
      if (problem != null || closed || nanos <= 0) {
        return false;
      }
      try {
        nanos = room.awaitNanos(nanos);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return !closed;
  }

  private boolean isTooMuch(Append append) {
    return pending + append.size() > bound || pendingBytes + append.bytes() > byteBound;
  }

  private void refuse(Append append) {
    if (!append.refusable) {
      Append last = waiting.peekLast();
      if (last == null || last.lost == 0) {
        last = new Append(List.of(), false);
        waiting.addLast(last);
      }
      last.lost += append.size();
      lostInAll += append.size();
      arrived.signal();
    }
    String trouble = trouble();
    String reason = trouble == null ? "too many events wait" : trouble;
    append.done.complete(
        append.refusable ? new PublishOutcome.Refused(reason) : new PublishOutcome.Lost(reason));
  }

  /**
   * Takes what waits, a group of at most so many events and bytes (but at least one append), or one loss alone.
   *
   * @return empty if nothing came within the time, null if the queue is closed and empty
   */
  List<Append> take(int maxEvents, long maxBytes, long waitMillis) throws InterruptedException {
    lock.lock();
    try {
      long nanos = TimeUnit.MILLISECONDS.toNanos(waitMillis);
      while (waiting.isEmpty() && !closed && nanos > 0) {
        nanos = arrived.awaitNanos(nanos);
      }
      List<Append> group = new ArrayList<>();
      int events = 0;
      long bytes = 0;
      while (!waiting.isEmpty()) {
        Append next = waiting.peekFirst();
        boolean fits = group.isEmpty()
            || (next.lost == 0
                && events + next.size() <= maxEvents
                && bytes + next.bytes() <= maxBytes);
        if (!fits) {
          break;
        }
        group.add(waiting.removeFirst());
        events += next.size();
        bytes += next.bytes();
        if (next.lost > 0) {
          break;
        }
      }
      return group.isEmpty() && closed ? null : group;
    } finally {
      lock.unlock();
    }
  }

  /** What was taken is durable, or refused: there is room for others. */
  void settled(Append append) {
    lock.lock();
    try {
      pending -= append.size();
      pendingBytes -= append.bytes();
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** From now on the log fails, for this reason; null: it works again. */
  void problem(String reason) {
    lock.lock();
    try {
      if (problem == null) {
        troubleSince = System.nanoTime();
      }
      problem = reason;
      if (reason != null) {
        for (Append append : waiting) {
          if (append.refusable) {
            pending -= append.size();
            pendingBytes -= append.bytes();
            append.done.complete(new PublishOutcome.Refused(reason));
          }
        }
        waiting.removeIf(append -> append.refusable);
      }
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private String trouble() {
    return closed ? "the event log is closed" : problem;
  }

  /** Takes nothing more; what waits can still be taken. */
  void close() {
    lock.lock();
    try {
      closed = true;
      arrived.signalAll();
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  LogHealth health() {
    lock.lock();
    try {
      String trouble = trouble();
      return trouble == null
          ? new LogHealth(LogHealth.Status.OK, 0, null, pending, lostInAll, 0)
          : new LogHealth(
              LogHealth.Status.FAILING,
              TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - troubleSince),
              trouble,
              pending,
              lostInAll,
              0);
    } finally {
      lock.unlock();
    }
  }
}
