package io.samband.event;

/**
 * How a module joins its state with the stream: it reads this first, then its state, and a page subscribes after this id. An
 * event can then come twice (in the state and in the stream), but none is missed.
 */
public interface LogPosition {
  /** {@return the id of the newest event, of which and of all before it the publishers know that they happened} */
  EventId newestId();
}
