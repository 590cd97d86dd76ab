package io.samband.event;

import java.util.List;

/**
 * What became of a publication.
 *
 * <p>A publication over HTTP ends as {@link Durable}, {@link Refused} or {@link Unknown}; events that a module fires end as
 * {@link Durable}, {@link Waiting}, {@link Lost} or {@link Unknown}.
 */
public sealed interface PublishOutcome {
  /**
   * The events are stored, and survive the end of this process.
   *
   * @param ids one for each event, in order
   */
  record Durable(List<EventId> ids) implements PublishOutcome {
    /**
     * Copies the list.
     *
     * @param ids one for each event, in order
     */
    public Durable {
      ids = List.copyOf(ids);
    }
  }

  /**
   * The events are not in the log yet. Either the log does not work now: then they are kept in memory, in their order, and will
   * be stored when it works again; they are lost if this process ends before. Or they were committed with the data of their
   * transaction to the outbox: then they survive the end of this process, and are brought into the log from there.
   *
   * @param reason which of the two it is
   */
  record Waiting(String reason) implements PublishOutcome {}

  /**
   * The events were dropped because too many wait while the log does not work. Subscribers are told that events are missing.
   *
   * @param reason why the log does not store them
   */
  record Lost(String reason) implements PublishOutcome {}

  /**
   * Nothing was stored, and nothing will be. The publication may be repeated.
   *
   * @param reason why not
   */
  record Refused(String reason) implements PublishOutcome {}

  /**
   * The log did not answer in time: the events may be stored, now or later, or not. To publish them once, repeat with the
   * same idempotency key.
   *
   * @param reason what is known
   */
  record Unknown(String reason) implements PublishOutcome {}
}
