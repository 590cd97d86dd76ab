package io.samband.log.shared;

import io.samband.log.Epochs;
import io.samband.log.EventFilter;
import io.samband.log.LogEngine.Batch;
import io.samband.log.LogEngine.Scan;
import io.samband.log.LogState;
import io.samband.log.Retention;
import java.util.List;
import java.util.OptionalLong;

/**
 * A server that keeps one log for several nodes, and numbers its events. Knows nothing of followers, publishers or streams.
 *
 * <p>Each method asks the primary, waits no longer than a limit of its own, and throws {@link
 * io.samband.log.LogUnavailableException} if it got no answer or one that cannot be relied on; what was asked for may then
 * have happened or not. One thread opens, appends, trims and closes; another one waits for growth; {@link #head} and {@link
 * #read} may be called by any number of threads. None of them is interrupted, but {@link #close} ends {@link #awaitGrowth}.
 */
public interface SharedStore {
  /**
   * Connects, checks that the server is one that can be relied on, and makes the log if there is none. Begins a new epoch if
   * the server is another one than that of the newest epoch, or the same one after a restart, or if it has less than {@code
   * known}; in all other cases joins the newest epoch.
   *
   * <p>If the server has less than {@code known}, it has lost the newest events: numbering goes on above {@code known}, and the
   * offsets that are missing become a gap. The new epoch then begins above {@code known}: who has seen everything up to there
   * misses nothing. What this leaves behind is safe from a failover when the call returns, also what
   * was there before.
   *
   * @param known the newest offset that this node has seen, 0 if none
   * @throws io.samband.log.LogOpenException if trying again would not help: the message says what to change
   */
  LogState open(long known);

  /**
   * Stores a batch atomically, once. After a failure the same batch is appended again, and gets the answer of the first time
   * if that had happened.
   *
   * @param epoch that this node believes to be the newest; if it is not, or the server is another one than that of the newest
   *     epoch, nothing is stored. What was stored before is answered whatever the epoch
   * @throws FencedException if the batch is not stored for this reason: {@link #open} comes next
   */
  Appended append(String epoch, Batch batch);

  /** Tells the other nodes that the log has grown. Does not wait, never throws; the news may be lost. */
  void tellGrowth();

  /**
   * Asks where the log stands, without what a failover could take back.
   *
   * @param seen the newest answer so far; returned as it is if nothing has changed
   * @throws FencedException if the server is another one than that of the newest epoch, so that a new one has to begin: {@link
   *     #open} comes next
   */
  LogState head(LogState seen);

  /**
   * How many events are stored that {@link #head} does not count yet, because too few replicas have them, when the server was
   * last asked. Empty if that cannot be, or cannot be seen. Does not ask; may be called by any thread.
   */
  default OptionalLong unacknowledged() {
    return OptionalLong.empty();
  }

  /** Waits until another node has told of growth, or the time is over. Returns early at will. */
  void awaitGrowth(long maxMillis);

  /**
   * The stored events with {@code after < offset <= through}. Stops early where a bound is reached, and before an event that is
   * not there. Nothing beyond what {@link #head} has said is asked for.
   *
   * @param epochs those that the caller knows
   * @throws FencedException if the newest epoch is not the newest that the caller knows: offsets may have other events now
   */
  Scan read(long after, long through, EventFilter filter, int limit, int maxBytes, Epochs epochs);

  /**
   * Removes what is older than it may be, by the clock of the server. One node at a time; the others do nothing. Takes some
   * 20 ms at the most, because appends wait for it, and leaves the rest for the next call.
   */
  Trimmed trim(Retention retention);

  /** Lets go of everything; every method but {@link #open} then throws {@link io.samband.log.LogUnavailableException}. */
  void close();

  /** What was removed of what may be removed. */
  enum Trimmed {
    NOTHING,
    /** There may be more. */
    SOME,
    ALL
  }

  /**
   * What became of a batch.
   *
   * @param offsets one for each entry; a repeated publication has the one it got first, or 0 if the body was another one
   * @param first the first offset that the batch was given, counting its lost events; {@code newest + 1} if it was given none
   * @param newest the newest offset of the log after the batch, without what came after it
   * @param repeated whether the batch had been stored before, and this is the answer of then
   */
  record Appended(List<Long> offsets, long first, long newest, boolean repeated) {
    public Appended {
      offsets = List.copyOf(offsets);
    }
  }
}
