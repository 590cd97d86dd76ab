package io.samband.event;

import java.util.Set;

/**
 * The events that are kept, for a module that makes its state of them: read from the beginning at the start, and from the
 * last position on whenever the state is asked for. All methods may be called by any thread.
 */
public interface EventHistory {
  /**
   * An event as it was published.
   *
   * @param id where it stands in the log
   * @param type what kind of event it is
   * @param data JSON, on one line
   */
  record Recorded(EventId id, String type, String data) {}

  /** The state that is made of events. Called by the thread that reads. */
  interface Reader {
    /**
     * Some events are missing after the last position, or the log has lost events that were read, with the server that held
     * them. The state is to be emptied: all kept events follow.
     */
    void restart();

    /**
     * One more event, in the order of the log.
     *
     * @param event is never handed over twice, unless the reader is told to restart
     */
    void event(Recorded event);
  }

  /**
   * Hands over the kept events of some types, in order. Events with an audience are left out: the state that is made of these
   * events is for everybody.
   *
   * @param after what the last call returned, or the id of the last event that was handed over; null to begin with the oldest
   *     event
   * @param types the types to read
   * @param reader is given one event after the other, by the calling thread
   * @return the position after the last event that was looked at: good as the {@code lastEventId} of a snapshot
   * @throws IllegalStateException if the events cannot be read now; what was handed over until then stays valid
   */
  EventId read(EventId after, Set<String> types, Reader reader);
}
