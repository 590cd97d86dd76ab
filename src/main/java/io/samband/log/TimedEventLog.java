package io.samband.log;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Timer;
import io.samband.event.EventId;
import io.samband.event.SSEEvent;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Measures, for any engine, how long a publisher waits until its events are durable, and how often they are not. */
final class TimedEventLog implements EventLog {
  private static final Timer APPEND =
      LatencyTimer.of("samband.log.append", "From the call until what was published is durable");

  private final EventLog log;

  TimedEventLog(EventLog log) {
    this.log = log;
  }

  @Override
  public LogState state() {
    return log.state();
  }

  @Override
  public CompletionStage<List<EventId>> append(List<SSEEvent> events) {
    return timed(System.nanoTime(), log.append(events));
  }

  @Override
  public CompletionStage<EventId> appendNow(SSEEvent event, IdempotencyKey key) {
    return timed(System.nanoTime(), log.appendNow(event, key));
  }

  private static <T> CompletionStage<T> timed(long start, CompletionStage<T> append) {
    return append.whenComplete((done, failure) -> {
      if (failure == null) {
        APPEND.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
      } else if (failure instanceof LogUnavailableException
          || failure.getCause() instanceof LogUnavailableException) {
        Metrics.counter("samband.log.append.failures").increment();
      }
    });
  }

  @Override
  public Page read(long after, TypeFilter filter, int limit, int maxBytes) {
    return log.read(after, filter, limit, maxBytes);
  }

  @Override
  public void follow(Follower follower) {
    log.follow(follower);
  }

  @Override
  public void close() {
    log.close();
  }

  @Override
  public LogHealth health() {
    return log.health();
  }
}
