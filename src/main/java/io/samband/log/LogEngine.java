package io.samband.log;

import io.samband.event.EventId;
import java.util.List;
import java.util.Optional;

/**
 * Where events are kept: the seam between the event log and the engines. An engine numbers events, stores them, reads them
 * and removes old ones. It has the log for itself, or shares it with other nodes. What waits, what is refused and what is lost is decided in front of it, in {@code log.pending}.
 *
 * <p>One thread opens, appends, maintains and closes. {@link #read} and {@link #state} may be called by any number of threads
 * meanwhile; these are never interrupted. Every method throws {@link LogUnavailableException} if the engine does not do what
 * was asked; then its state is unknown, and {@link #open} comes next.
 */
public interface LogEngine {
  /** After so many milliseconds without an answer of what keeps a shared log, what a node knows of it counts as stale. */
  long STALE_MILLIS = 3_000;

  /**
   * Opens the engine, or opens it again. Begins a new epoch; an engine that is shared joins the newest one if nothing has
   * happened to the log since that began.
   *
   * @param known the newest offset that was seen so far, 0 at the first opening. If the engine has less, it has lost its
   *     newest events: numbering goes on above {@code known}, and the offsets that are missing become a gap.
   * @param follower is told of every append, also of other nodes, in log order, after {@link #state} has it
   * @throws LogInUseException if another process has it; trying again later is right
   * @throws LogOpenException if trying again would not help
   */
  LogState open(long known, EventLog.Follower follower);

  /** Where the log stands. Costs nothing. */
  LogState state();

  /**
   * Stores a batch atomically and durably. A batch whose outcome is unknown is appended again with the same identity, and is
   * stored once.
   *
   * @return one id for each entry. An entry whose key is known gets the id of the first publication with that key, or {@link
   *     EventId#UNKNOWN} if the body was another one.
   */
  List<EventId> append(Batch batch);

  /**
   * The stored events with {@code after < offset <= through}. Stops early where a bound is reached, and before events that are
   * gone or unreadable; {@link #state} then knows them as trimmed or as a gap.
   */
  Scan read(long after, long through, EventFilter filter, int limit, int maxBytes);

  /**
   * Removes old events, flushes to the device, records what was found damaged. Called after each append, and about once a
   * second.
   *
   * @param tick whether about a second has passed
   */
  void maintain(boolean tick);

  /** How many stored events were found unreadable since the start. */
  long unreadable();

  /**
   * For how many milliseconds what keeps the log has not answered, so that other nodes may have appended what is not known
   * here. Always 0 for an engine that is not shared. Never waits; may be called by any thread.
   */
  default long unconfirmedMillis() {
    return 0;
  }

  /** How this node gets on with the server of a shared log; empty for an engine that is not shared. Never waits; may be called by any thread. */
  default Optional<SharedLogFigures> shared() {
    return Optional.empty();
  }

  /**
   * Brings {@link #state} up to date with what other nodes have appended before the call. May be called by any thread; many
   * calls share one question.
   *
   * @throws LogUnavailableException if there was no answer within two seconds, or there has been none for so long that it is
   *     not worth asking
   */
  default void refresh() {}

  void close();

  /**
   * Events to store together.
   *
   * @param node names this process, and is different after each start
   * @param number of the batch within the node
   * @param lost how many lost events come before the entries; they get offsets, which become a gap
   * @param entries in order; may be empty if {@code lost} is not 0
   */
  record Batch(String node, long number, int lost, List<Entry> entries) {
    public Batch {
      entries = List.copyOf(entries);
    }

    /** Whether both are the same batch, first or repeated. */
    public boolean isSameAs(Batch other) {
      return other != null && number == other.number && node.equals(other.node);
    }
  }

  /** Events as they are stored, and the offset up to which the scan came. */
  record Scan(List<LoggedEvent> events, long through) {}
}
