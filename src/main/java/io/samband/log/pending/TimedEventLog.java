package io.samband.log.pending;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Timer;
import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.log.Entry;
import io.samband.log.EventFilter;
import io.samband.log.EventLog;
import io.samband.log.IdempotencyKey;
import io.samband.log.LatencyTimer;
import io.samband.log.LogHealth;
import io.samband.log.LogState;
import io.samband.log.Page;
import io.samband.log.Replay;
import io.samband.log.SharedLogFigures;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Measures, for any engine, how long a publisher waits until its events are durable, and how often they are not. */
public final class TimedEventLog implements EventLog {
  private static final Timer APPEND =
      LatencyTimer.of("samband.log.append", "From the call until the events are durable");

  private final EventLog log;

  public TimedEventLog(EventLog log) {
    this.log = log;
  }

  @Override
  public LogState state() {
    return log.state();
  }

  @Override
  public Replay replay(String lastEventId) {
    return log.replay(lastEventId);
  }

  @Override
  public CompletionStage<PublishOutcome> append(List<SSEEvent> events) {
    return timed(System.nanoTime(), log.append(events));
  }

  @Override
  public CompletionStage<PublishOutcome> appendNow(SSEEvent event, IdempotencyKey key) {
    return timed(System.nanoTime(), log.appendNow(event, key));
  }

  @Override
  public CompletionStage<PublishOutcome> appendNow(List<Entry> entries) {
    return timed(System.nanoTime(), log.appendNow(entries));
  }

  private static CompletionStage<PublishOutcome> timed(
      long start, CompletionStage<PublishOutcome> append) {
    return append.whenComplete((outcome, failure) -> {
      if (outcome instanceof PublishOutcome.Durable) {
        APPEND.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
      } else if (outcome != null) {
        Metrics.counter("samband.log.append.failures").increment();
      }
    });
  }

  @Override
  public Page read(long after, EventFilter filter, int limit, int maxBytes) {
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

  @Override
  public Optional<SharedLogFigures> shared() {
    return log.shared();
  }
}
