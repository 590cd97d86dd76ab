package io.samband.presence;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Where the nodes of one log tell each other which streams they have. Used by one thread; every method has a time limit of
 * some seconds and throws {@link PresenceUnavailableException} if there is no answer.
 */
public interface PresenceStore extends AutoCloseable {
  /** A node that has not renewed its lease for so long, by the clock of the store, is gone. */
  Duration LEASE = Duration.ofSeconds(10);

  /**
   * A stream that was opened or has changed, or that has ended.
   *
   * @param json null if it has ended
   */
  record Change(long id, String json) {}

  /**
   * What a node has published.
   *
   * @param incarnation another one for each start of a node
   * @param cursor as it was published with the lease
   * @param version of the newest change
   * @param isWhole whether the changes are all streams that the node has, and not only what is new
   */
  record PublishedNode(
      String incarnation,
      String name,
      String cursor,
      Instant renewedAt,
      Instant endsAt,
      long version,
      boolean isWhole,
      List<Change> changes) {
    public PublishedNode {
      changes = List.copyOf(changes);
    }

    /** The same node, with other changes. */
    public PublishedNode with(List<Change> other) {
      return new PublishedNode(
          incarnation, name, cursor, renewedAt, endsAt, version, isWhole, other);
    }
  }

  /**
   * All nodes whose lease has not ended.
   *
   * @param asOf by the clock of the store
   */
  record Reading(Instant asOf, List<PublishedNode> nodes) {
    public Reading {
      nodes = List.copyOf(nodes);
    }
  }

  /**
   * Renews the lease of this node, or begins it.
   *
   * @param version that the next changes will be after, higher than that of all before. If the lease begins, whoever has seen less
   *     of this node reads everything of it
   * @return false if nothing of what this node has published is there: at its start, and when the store has lost it
   */
  boolean renew(String cursor, long version);

  /**
   * Publishes changes; a repeat, or an earlier version after a later one, changes nothing.
   *
   * @param version higher than that of all changes before
   */
  void publish(long version, List<Change> changes);

  /**
   * Reads what is new.
   *
   * @param seen the newest version that is known of each node, by incarnation; of others everything is read
   */
  Reading read(Map<String, Long> seen);

  /**
   * Removes what is no longer needed.
   *
   * @param version up to which the ends of streams of this node need not be kept: a node that has not seen them reads everything
   */
  void tidy(long version);

  /** Ends the lease: this node is gone. */
  void leave();

  @Override
  void close();
}
