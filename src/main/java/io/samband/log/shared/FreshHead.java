package io.samband.log.shared;

import io.samband.concurrent.NamedThreads;
import io.samband.log.LogUnavailableException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks where the log stands, for any number of threads: those that come while a question is under way share the next one, so
 * that a thousand clients that come back at once are two questions. Thread-safe.
 */
final class FreshHead implements AutoCloseable {
  private final long limitMillis;
  private final Runnable question;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(new NamedThreads("samband-log-ask"));
  private CompletableFuture<Void> next;

  /**
   * @param question asks and takes the answer, or throws
   * @param limit how long its answer is waited for
   */
  FreshHead(Runnable question, Duration limit) {
    this.limitMillis = limit.toMillis();
    this.question = question;
  }

  /**
   * Returns when a question that was asked after the call is answered.
   *
   * @throws LogUnavailableException if that fails, or takes too long
   */
  void await() {
    try {
      next().get(limitMillis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new LogUnavailableException(
          "the shared log cannot be asked: " + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new LogUnavailableException(
          "the shared log has not answered within " + limitMillis + " ms", e);
    } catch (RejectedExecutionException e) {
      throw new LogUnavailableException("the event log is closed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("interrupted while the shared log was asked", e);
    }
  }

  private synchronized CompletableFuture<Void> next() {
    if (next == null) {
      CompletableFuture<Void> made = new CompletableFuture<>();
      thread.execute(this::ask);
      next = made;
    }
    return next;
  }

  private void ask() {
    CompletableFuture<Void> answer;
    synchronized (this) {
      answer = next;
      next = null;
    }
    try {
      question.run();
      answer.complete(null);
    } catch (RuntimeException | Error e) {
      answer.completeExceptionally(e);
    }
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
