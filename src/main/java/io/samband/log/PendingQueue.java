package io.samband.log;

import io.samband.event.EventId;
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
    final CompletableFuture<List<EventId>> done = new CompletableFuture<>();

    /** More than 0: this stands for so many lost events, and has no entries. */
    private long lost;

    Append(List<Store.Entry> entries, boolean refusable) {
      this.entries = entries;
      this.refusable = refusable;
    }

    long lost() {
      return lost;
    }

    private int size() {
      return entries.size();
    }
  }

  private final int bound;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final Deque<Append> waiting = new ArrayDeque<>();
  private int pending;
  private long lostInAll;
  private String problem;
  private boolean closed;

  PendingQueue(int bound) {
    this.bound = bound;
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
        append.done.completeExceptionally(new LogUnavailableException("the event log is closed"));
      } else if (append.refusable && problem != null) {
        append.done.completeExceptionally(new LogUnavailableException(problem));
      } else if (awaitRoom(append.size(), waitMillis)) {
        waiting.addLast(append);
        pending += append.size();
        arrived.signal();
      } else {
        refuse(append);
      }
    } finally {
      lock.unlock();
    }
  }

  // A batch that is larger than the bound is taken when it would be alone: it could not be
  // published otherwise.
  private boolean awaitRoom(int size, long waitMillis) {
    long nanos = TimeUnit.MILLISECONDS.toNanos(waitMillis);
    while (pending > 0 && pending + size > bound) {
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
    append.done.completeExceptionally(
        new LogUnavailableException("more events wait than " + bound + " may"));
  }

  /**
   * Takes what waits, a group of at most so many events, or one loss alone.
   *
   * @return empty if nothing came within the time, null if the queue is closed and empty
   */
  List<Append> take(int maxEvents, long waitMillis) throws InterruptedException {
    lock.lock();
    try {
      long nanos = TimeUnit.MILLISECONDS.toNanos(waitMillis);
      while (waiting.isEmpty() && !closed && nanos > 0) {
        nanos = arrived.awaitNanos(nanos);
      }
      List<Append> group = new ArrayList<>();
      int events = 0;
      while (!waiting.isEmpty()) {
        Append next = waiting.peekFirst();
        boolean fits = group.isEmpty() || (next.lost == 0 && events + next.size() <= maxEvents);
        if (!fits) {
          break;
        }
        group.add(waiting.removeFirst());
        events += next.size();
        if (next.lost > 0) {
          break;
        }
      }
      return group.isEmpty() && closed ? null : group;
    } finally {
      lock.unlock();
    }
  }

  /** Events that were taken are durable, or refused: there is room for others. */
  void settled(int events) {
    lock.lock();
    try {
      pending -= events;
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** From now on the log fails, for this reason; null: it works again. */
  void problem(String reason) {
    lock.lock();
    try {
      problem = reason;
      if (reason != null) {
        for (Append append : waiting) {
          if (append.refusable) {
            pending -= append.size();
            append.done.completeExceptionally(new LogUnavailableException(reason));
          }
        }
        waiting.removeIf(append -> append.refusable);
      }
      room.signalAll();
    } finally {
      lock.unlock();
    }
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
      return new LogHealth(closed ? "the event log is closed" : problem, pending, lostInAll);
    } finally {
      lock.unlock();
    }
  }
}
