package io.samband.presence;

import java.time.Instant;
import java.util.List;

/**
 * Who is connected, at all nodes. Immutable.
 *
 * @param complete false while the server of the log does not answer: then only this node is shown
 * @param asOf if it is complete, when the other nodes were looked at, by the clock of the server; else now, by that of this node
 */
public record ClusterView(boolean complete, Instant asOf, List<Node> nodes) {
  /**
   * A node whose lease has not ended, as far as is known.
   *
   * @param incarnation another one for each start of the node: names may be given twice by mistake
   * @param isSelf whether it is this one; its streams are not in here
   * @param cursor the newest event that it had when it renewed its lease
   * @param renewedAt by the clock of the server, as is {@code endsAt}; null if this node has not got a lease yet
   */
  public record Node(
      String incarnation,
      String name,
      boolean isSelf,
      String cursor,
      Instant renewedAt,
      Instant endsAt,
      List<PresentStream> streams) {
    public Node {
      streams = List.copyOf(streams);
    }
  }

  public ClusterView {
    nodes = List.copyOf(nodes);
  }
}
