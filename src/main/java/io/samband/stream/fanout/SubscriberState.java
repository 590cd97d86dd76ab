package io.samband.stream.fanout;

import java.util.Locale;

/** What a subscriber waits for, and the table of how that changes. The only place that decides on states. */
enum SubscriberState {
  /** Waits for an event, as a member of its group. */
  IDLE,
  /** Has more to come and its output takes bytes: waits for the worker's next turn. */
  READY,
  /** Its output is full: waits for the client to read. */
  BLOCKED,
  /** Waits for a page of the event log; its output takes bytes. */
  REPLAYING,
  /** Waits for a page of the event log, and its output is full. */
  REPLAYING_BLOCKED,
  /** The stream has ended. */
  CLOSED;

  /** What happens to a subscriber. */
  enum Input {
    /** Its output takes bytes again. */
    WRITABLE,
    /** Its output took the last write but takes no more. */
    FULL,
    /** It has everything and joins its group. */
    SETTLED,
    /** Its next events are no longer in the ring: a page was requested. */
    BEHIND,
    /** The page has come. */
    PAGE,
    /** The stream ends. */
    END
  }

  /**
   * The state after an input.
   *
   * @throws IllegalStateException if the input cannot happen in this state
   */
  SubscriberState after(Input input) {
    if (this == CLOSED || input == Input.END) {
      // Callbacks of the container and pages may arrive after the end.
      return CLOSED;
    }
    return switch (input) {
      case WRITABLE -> writable();
      case FULL -> full();
      case SETTLED -> only(READY, IDLE, input);
      case BEHIND -> only(READY, REPLAYING, input);
      case PAGE -> this == REPLAYING_BLOCKED ? BLOCKED : only(REPLAYING, READY, input);
      case END -> CLOSED;
    };
  }

  // Containers may call back although the output was never full.
  private SubscriberState writable() {
    return switch (this) {
      case BLOCKED -> READY;
      case REPLAYING_BLOCKED -> REPLAYING;
      default -> this;
    };
  }

  private SubscriberState full() {
    return switch (this) {
      case IDLE, READY -> BLOCKED;
      case REPLAYING -> REPLAYING_BLOCKED;
      default -> this;
    };
  }

  private SubscriberState only(SubscriberState from, SubscriberState to, Input input) {
    if (this != from) {
      throw new IllegalStateException(input + " in state " + this);
    }
    return to;
  }

  /** Whether the output takes no bytes. */
  boolean isFull() {
    return this == BLOCKED || this == REPLAYING_BLOCKED;
  }

  /** Whether the output takes bytes, as far as is known. */
  boolean takesBytes() {
    return !isFull() && this != CLOSED;
  }

  /** Whether a page of the event log is awaited. */
  boolean isReplaying() {
    return this == REPLAYING || this == REPLAYING_BLOCKED;
  }

  /** The word for metrics and {@code GET /api/sse/connections}. */
  String wireName() {
    return this == REPLAYING_BLOCKED ? BLOCKED.wireName() : name().toLowerCase(Locale.ROOT);
  }
}
