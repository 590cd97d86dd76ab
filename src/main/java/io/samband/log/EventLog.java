package io.samband.log;

import io.samband.event.EventId;
import io.samband.event.LogPosition;
import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * One log of events: numbered 1, 2, 3 …, durable before they are acknowledged, kept for a while, and read from any position.
 *
 * <p>What keeps the events is a {@link LogEngine}. All methods may be called by any
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
   * How to go on from a {@code Last-Event-ID}. A client may come from a node that knows a little more, so that a log that is
   * shared is asked again before a cursor is said to be ahead, or of an unknown epoch.
   *
   * @param lastEventId null or empty if there was none; anything else, even garbage, is a cursor
   * @throws LogUnavailableException if it had to be asked, and did not answer within two seconds
   */
  default Replay replay(String lastEventId) {
    return state().replay(lastEventId);
  }

  /**
   * Appends events as one contiguous batch, in their order. While the log works, the calling thread waits for room in the
   * order of the calls, also if it is interrupted (the flag stays set). While the log fails, the events are kept in memory,
   * in order, and appended when it works again; what does not fit is lost, and subscribers are told.
   *
   * @return completes with {@link PublishOutcome.Durable}, {@code Waiting}, {@code Lost} or {@code Unknown}, at the latest when
   *     the log counts as failing, so the caller needs no timeout. What is chained to it may run in the thread that stores
   *     all events, and must be quick.
   */
  CompletionStage<PublishOutcome> append(List<SSEEvent> events);

  /**
   * Appends one event if it can be made durable now. Waits for room as {@link #append} does.
   *
   * @param key of this publication, or null; a repeat of it is answered with the first id
   * @return completes with {@link PublishOutcome.Durable}, {@code Refused} or {@code Unknown}, at the latest when the log counts
   *     as failing; or exceptionally with {@link IdempotencyConflictException} if the key was used with another body. What is
   *     chained to it may run in the thread that stores all events, and must be quick.
   */
  CompletionStage<PublishOutcome> appendNow(SSEEvent event, IdempotencyKey key);

  /**
   * Appends events that are kept elsewhere until they are stored here, as one contiguous batch in their order, if they can be
   * made durable now. Waits for room as {@link #append} does. If they were not stored, or nobody knows, the same entries may
   * be appended again: by their keys each is stored once.
   *
   * @param entries at least one, each with a key
   * @return completes with {@link PublishOutcome.Durable}, {@code Refused} or {@code Unknown}, at the latest when the log counts
   *     as failing. The id of an entry whose key is known is the one it got first; it is {@link EventId#UNKNOWN} if the key was
   *     used with another body, and then that entry alone is not stored. What is chained to it may run in the thread that
   *     stores all events, and must be quick.
   */
  CompletionStage<PublishOutcome> appendNow(List<Entry> entries);

  /**
   * The events after an offset. The scan is bounded, so a page may be empty although there is more. A page ends before a gap,
   * and the next one begins with the {@code reset} that announces it.
   *
   * @param limit how many events at the most
   * @param maxBytes where to stop, once there is at least one event
   * @throws LogUnavailableException if the log cannot be read now, or does not answer within a few seconds
   */
  Page read(long after, EventFilter filter, int limit, int maxBytes);

  /** Tells a follower of every advance from now on, and first of where the log stands. */
  void follow(Follower follower);

  /** Stores what waits and closes the log. Takes a bounded time, also if the disk hangs. */
  @Override
  void close();

  /** Whether appends succeed at the moment, and if not, why and since when. Never waits. */
  LogHealth health();

  /** How this node gets on with the server of a shared log; empty if the log is not shared. Never waits. */
  default Optional<SharedLogFigures> shared() {
    return Optional.empty();
  }

  /** Called by one thread at a time, in log order; must be quick and must not throw. */
  @FunctionalInterface
  interface Follower {
    /**
     * The log has grown.
     *
     * @param events what was appended, in order; empty if what was given offsets is lost
     * @param newest the newest offset now
     */
    void advanced(List<LoggedEvent> events, long newest);

    /**
     * The log has lost events that were told of, and other nodes have given their offsets to other events. Called twice: before
     * {@link EventLog#state} is that of the log as it is now, and after it. Whoever has passed the lost events must not be
     * shown what now has their offsets, and must come back to be told that its cursor is ahead.
     *
     * @param newest the newest offset now
     */
    default void rewound(long newest) {}
  }
}
