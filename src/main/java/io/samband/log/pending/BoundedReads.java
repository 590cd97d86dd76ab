package io.samband.log.pending;

import io.samband.concurrent.NamedThreads;
import io.samband.log.LogUnavailableException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads for any thread, by a few of its own, so that nobody waits longer than a few seconds for a disk that hangs.
 *
 * <p>Threads of our own also because an interrupt closes a file channel for everybody who uses it, and containers interrupt
 * the threads of requests.
 */
final class BoundedReads implements AutoCloseable {
  // Each of them holds a page in memory, and a disk is not faster for more.
  private static final int THREADS = 4;
  private static final int QUEUE = 1_000;

  private final long limitMillis;
  private final AtomicInteger stuck = new AtomicInteger();
  private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
      THREADS,
      THREADS,
      0,
      TimeUnit.MILLISECONDS,
      new ArrayBlockingQueue<>(QUEUE),
      new NamedThreads("samband-read"));

  BoundedReads(long limitMillis) {
    this.limitMillis = limitMillis;
  }

  /** One read; knows whether its caller has stopped waiting while a thread was busy with it. */
  private final class Read<T> extends FutureTask<T> {
    private boolean running;
    private boolean abandoned;

    Read(Callable<T> read) {
      super(read);
    }

    @Override
    public void run() {
      synchronized (this) {
        if (abandoned) {
          return;
        }
        running = true;
      }
      super.run();
      synchronized (this) {
        running = false;
        if (abandoned) {
          stuck.decrementAndGet();
        }
      }
    }

    synchronized void abandon() {
      if (!abandoned) {
        abandoned = true;
        if (running) {
          stuck.incrementAndGet();
        }
      }
    }
  }

  /**
   * Runs a read and waits for it.
   *
   * @throws LogUnavailableException if it fails, does not end in time, or all threads are held by reads that did not
   */
  <T> T read(Callable<T> reading) {
    if (stuck.get() >= THREADS) {
      // Without this, every caller would hold its thread until the limit.
      throw new LogUnavailableException("the event log cannot be read: its disk does not answer");
    }
    var read = new Read<>(reading);
    try {
      threads.execute(read);
      return read.get(limitMillis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      throw new LogUnavailableException("the event log is closed, or too many wait to read it", e);
    } catch (ExecutionException e) {
      throw new LogUnavailableException(
          "the event log cannot be read: " + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      read.abandon();
      threads.remove(read);
      throw new LogUnavailableException(
          "the event log cannot be read: no answer within " + limitMillis + " ms", e);
    } catch (InterruptedException e) {
      read.abandon();
      threads.remove(read);
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("interrupted while reading the event log", e);
    }
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
