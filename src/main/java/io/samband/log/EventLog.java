package io.samband.log;

import io.samband.event.EventId;
import io.samband.event.LogPosition;
import io.samband.event.SSEEvent;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * One log of events: numbered 1, 2, 3 … without a gap, durable before acknowledged, kept for a while, read from any position.
 *
 * <p>The seam between engines: {@link EmbeddedEventLog} keeps it in a file of this node. All methods may be called by any
 * thread.
 */
public interface EventLog extends LogPosition, AutoCloseable {
  /** Where the log stands now. Costs nothing. */
  LogState state();

  @Override
  default EventId newestId() {
    return state().newestId();
  }

  /**
   * Appends events as one contiguous batch, in their order. While the log cannot be written the events are kept in memory,
   * in order, and appended once it can; what overflows is lost and announced as such.
   *
   * @return completes with the ids when the batch is durable, or exceptionally with {@link LogUnavailableException} if it is
   *     not durable yet
   */
  CompletionStage<List<EventId>> append(List<SSEEvent> events);

  /**
   * Appends one event if it can be made durable now, else changes nothing.
   *
   * @param key of this publication, or null; a repeat of it is answered with the first id
   * @return completes with the id when the event is durable, or exceptionally with {@link LogUnavailableException}, or with
   *     {@link IdempotencyConflictException} if the key was used with another body
   */
  CompletionStage<EventId> appendNow(SSEEvent event, IdempotencyKey key);

  /**
   * The events after an offset. The scan is bounded, so a page may be empty though there is more.
   *
   * @param limit how many events at the most
   * @param maxBytes where to stop, once there is at least one event
   * @throws LogUnavailableException if the log cannot be read now
   */
  Page read(long after, TypeFilter filter, int limit, int maxBytes);

  /** Tells a follower of every advance from now on, and first of where the log stands. */
  void follow(Follower follower);

  /** Stores what waits and lets go of the log. */
  @Override
  void close();

  /** The truth about whether events are being made durable. */
  LogHealth health();

  /** Called by the thread that appends, in log order; must be quick and must not throw. */
  @FunctionalInterface
  interface Follower {
    /**
     * The log has grown.
     *
     * @param events what was appended, in order; empty if what was given offsets is lost
     * @param newest the newest offset now
     */
    void advanced(List<LoggedEvent> events, long newest);
  }
}
