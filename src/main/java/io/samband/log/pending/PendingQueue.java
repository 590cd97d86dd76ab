package io.samband.log.pending;

import io.samband.event.PublishOutcome;
import io.samband.log.LogHealth;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits to be appended, in order and bounded. Publishers put, one appender takes.
 *
 * <p>While the log works, publishers wait in line for room, in the order in which they came. While it fails, publications over
 * HTTP and those of the outbox are refused, other events of modules are kept as far as there is room, and the rest is lost; a loss keeps its place in the
 * order. Outcomes are told without the lock held.
 */
final class PendingQueue {
  private static final String CLOSED = "the event log is closed";

  private final int bound;
  private final long byteBound;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();

  /** Publishers that wait for room. */
  private final Deque<Publication> line = new ArrayDeque<>();

  private final Deque<Publication> waiting = new ArrayDeque<>();

  /** What the appender works on. */
  private final List<Publication> taken = new ArrayList<>();

  private int pending;
  private long pendingBytes;
  private long lostInAll;
  private String problem;
  private long problemSince;
  private boolean closed;
  private long closedSince;
  private boolean abandoned;

  /**
   * @param bound events that may wait
   * @param byteBound bytes that may wait
   */
  PendingQueue(int bound, long byteBound) {
    this.bound = bound;
    this.byteBound = byteBound;
  }

  /** Puts a publication at the end; returns when it is there, or has an outcome already. An interrupt does not end the wait. */
  void put(Publication publication) {
    PublishOutcome outcome = null;
    lock.lock();
    try {
      if (closed) {
        outcome = turnedAway(publication, CLOSED);
      } else if (problem != null) {
        outcome = keepOrTurnAway(publication);
      } else if (line.isEmpty() && hasRoom(publication)) {
        enqueue(publication);
      } else {
        line.addLast(publication);
      }
    } finally {
      lock.unlock();
    }
    if (outcome == null) {
      awaitUninterruptibly(publication);
    } else {
      publication.outcome.complete(outcome);
    }
  }

  private static void awaitUninterruptibly(Publication publication) {
    boolean interrupted = false;
    while (true) {
      try {
        publication.leftLine.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // A batch that is larger than the bound is taken when nothing else waits: it could never be
  // published otherwise.
  private boolean hasRoom(Publication publication) {
    return pending == 0
        || (pending + publication.size() <= bound && pendingBytes + publication.bytes <= byteBound);
  }

  private void enqueue(Publication publication) {
    waiting.addLast(publication);
    pending += publication.size();
    pendingBytes += publication.bytes;
    publication.leftLine.countDown();
    arrived.signal();
  }

  private void admit() {
    while (!line.isEmpty() && hasRoom(line.peekFirst())) {
      enqueue(line.peekFirst());
      line.removeFirst();
    }
  }

  private PublishOutcome keepOrTurnAway(Publication publication) {
    if (publication.refusable) {
      return turnedAway(publication, problem);
    }
    if (hasRoom(publication)) {
      enqueue(publication);
      return new PublishOutcome.Waiting(problem);
    }
    Publication last = waiting.peekLast();
    if (last == null || last.lost == 0) {
      waiting.addLast(Publication.ofLost(publication.size()));
      arrived.signal();
    } else {
      last.lost += publication.size();
    }
    lostInAll += publication.size();
    return turnedAway(publication, problem);
  }

  private static PublishOutcome turnedAway(Publication publication, String reason) {
    publication.leftLine.countDown();
    return publication.refusable
        ? new PublishOutcome.Refused(reason)
        : new PublishOutcome.Lost(reason);
  }

  /**
   * Takes what waits: a loss, if one is next, and the publications after it, of at most so many events and bytes, but at
   * least one. What was taken before and is not settled is given again.
   *
   * @return empty if nothing came within the time, null if the queue is closed and empty
   */
  List<Publication> take(int maxEvents, long maxBytes, long waitMillis)
      throws InterruptedException {
    lock.lock();
    try {
      long nanos = TimeUnit.MILLISECONDS.toNanos(waitMillis);
      while (taken.isEmpty() && waiting.isEmpty() && !closed && nanos > 0) {
        nanos = arrived.awaitNanos(nanos);
      }
      if (taken.isEmpty()) {
        int events = 0;
        long bytes = 0;
        while (!waiting.isEmpty()) {
          Publication next = waiting.peekFirst();
          events += next.size();
          bytes += next.bytes;
          boolean fits = next.lost == 0 && events <= maxEvents && bytes <= maxBytes;
          if (!taken.isEmpty() && !fits) {
            break;
          }
          // In this order, so that nothing vanishes if the heap runs out in between.
          taken.add(next);
          waiting.removeFirst();
        }
      }
      return taken.isEmpty() && closed ? null : List.copyOf(taken);
    } finally {
      lock.unlock();
    }
  }

  /** What was taken is stored: there is room for others. */
  void settled() {
    lock.lock();
    try {
      for (Publication publication : taken) {
        pending -= publication.size();
        pendingBytes -= publication.bytes;
      }
      taken.clear();
      admit();
    } finally {
      lock.unlock();
    }
  }

  /** From now on the log counts as failing: all that wait get their outcome. */
  void failing(String reason) {
    List<Runnable> outcomes = new ArrayList<>();
    lock.lock();
    try {
      if (problem == null) {
        problemSince = System.nanoTime();
      }
      problem = reason;
      for (Publication publication : taken) {
        tell(
            outcomes,
            publication,
            publication.refusable
                ? new PublishOutcome.Unknown(reason)
                : new PublishOutcome.Waiting(reason));
      }
      for (Iterator<Publication> all = waiting.iterator(); all.hasNext(); ) {
        Publication publication = all.next();
        if (publication.refusable) {
          all.remove();
          pending -= publication.size();
          pendingBytes -= publication.bytes;
          tell(outcomes, publication, new PublishOutcome.Refused(reason));
        } else {
          tell(outcomes, publication, new PublishOutcome.Waiting(reason));
        }
      }
      for (Publication publication : line) {
        tell(outcomes, publication, keepOrTurnAway(publication));
      }
      line.clear();
    } finally {
      lock.unlock();
    }
    outcomes.forEach(Runnable::run);
  }

  private static void tell(
      List<Runnable> outcomes, Publication publication, PublishOutcome outcome) {
    outcomes.add(() -> publication.outcome.complete(outcome));
  }

  /** The log works again. */
  void working() {
    lock.lock();
    try {
      problem = null;
    } finally {
      lock.unlock();
    }
  }

  /** Takes nothing more from publishers that come from now on. What waits, in line too, can still be taken. */
  void close() {
    lock.lock();
    try {
      markClosed();
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void markClosed() {
    if (!closed) {
      closed = true;
      closedSince = System.nanoTime();
    }
  }

  /**
   * Nothing will be stored any more: all that wait get their outcome.
   *
   * @return how many events are given up
   */
  int abandon() {
    List<Runnable> outcomes = new ArrayList<>();
    int events;
    lock.lock();
    try {
      markClosed();
      events =
          abandoned ? 0 : pending + line.stream().mapToInt(Publication::size).sum();
      abandoned = true;
      for (Publication publication : taken) {
        tell(outcomes, publication, new PublishOutcome.Unknown(CLOSED));
      }
      for (Deque<Publication> queue : List.of(waiting, line)) {
        queue.forEach(each -> tell(outcomes, each, turnedAway(each, CLOSED)));
        queue.clear();
      }
    } finally {
      lock.unlock();
    }
    outcomes.forEach(Runnable::run);
    return events;
  }

  /** Whether the log counts as failing. */
  boolean isFailing() {
    lock.lock();
    try {
      return problem != null;
    } finally {
      lock.unlock();
    }
  }

  private long waitingMillis() {
    Publication oldest = taken.isEmpty() ? waiting.peekFirst() : taken.get(0);
    return oldest == null
        ? 0
        : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - oldest.sinceNanos);
  }

  LogHealth health(long unreadable) {
    lock.lock();
    try {
      String reason = problem == null && closed ? CLOSED : problem;
      long since = problem == null ? closedSince : problemSince;
      return new LogHealth(
          reason == null ? LogHealth.Status.OK : LogHealth.Status.FAILING,
          reason == null ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since),
          reason,
          pending,
          waitingMillis(),
          lostInAll,
          unreadable);
    } finally {
      lock.unlock();
    }
  }
}
