package io.samband.presence;

import io.samband.concurrent.NamedThreads;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Hands events to the observers of modules, one after the other: the next one when all have returned. A module that is slow
 * delays these events and nothing else.
 */
final class Announcer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Announcer.class.getName());

  private static final long SLOW_SECONDS = 10;
  private static final long CLOSE_MILLIS = 2_000;

  private final Function<Object, CompletionStage<?>> observers;
  private final BlockingQueue<Object> waiting = new LinkedBlockingQueue<>();
  private final AtomicInteger unobserved = new AtomicInteger();
  private final Thread thread = new NamedThreads("samband-presence-events").newThread(this::run);
  private volatile boolean closed;

  /**
   * @param observers tells all of them of an event; the stage completes when they have returned
   */
  Announcer(Function<Object, CompletionStage<?>> observers) {
    this.observers = observers;
  }

  void start() {
    thread.start();
  }

  /** Whether all that was handed over has been observed. Whoever waits for that hands over nothing that has become untrue. */
  boolean isIdle() {
    return unobserved.get() == 0;
  }

  void tell(List<Object> events) {
    unobserved.addAndGet(events.size());
    waiting.addAll(events);
  }

  private void run() {
    try {
      while (!closed) {
        tell(waiting.take());
        unobserved.decrementAndGet();
      }
    } catch (InterruptedException e) {
      // Only close() interrupts.
      Thread.currentThread().interrupt();
    }
  }

  private void tell(Object event) throws InterruptedException {
    try {
      await(observers.apply(event).toCompletableFuture(), event);
    } catch (ExecutionException | RuntimeException | Error e) {
      // An observer is other people's code: a class of it may be missing.
      report(event, e instanceof ExecutionException ? e.getCause() : e);
    }
  }

  private static void report(Object event, Throwable failure) {
    try {
      LOG.log(
          Level.WARNING,
          "[SSE] an observer of " + event.getClass().getSimpleName() + " failed",
          failure);
    } catch (RuntimeException | Error e) {
      // It cannot even be logged; the events after it are told all the same.
    }
  }

  private static void await(CompletableFuture<?> observed, Object event)
      throws ExecutionException, InterruptedException {
    try {
      observed.get(SLOW_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      LOG.log(
          Level.WARNING,
          "[SSE] an observer of {0} has not returned for {1} s; later arrivals and departures wait for it",
          event.getClass().getSimpleName(),
          SLOW_SECONDS);
      observed.get();
    }
  }

  /** Tells of nothing more. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
