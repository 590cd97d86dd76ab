package io.samband.status;

import io.samband.event.EventId;
import io.samband.event.Timestamps;
import io.samband.presence.ClusterView;
import io.samband.presence.PresentStream;
import io.samband.stream.fanout.ConnectionInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The answer to {@code GET /api/sse/connections?nodes=all}.
 *
 * @param complete false while the server of the log does not answer: then it has only what this node knows by itself
 * @param asOf when the other nodes were looked at, by the clock of the server; if it is not complete, now
 */
public record ClusterConnections(
    boolean complete, String asOf, List<NodeInfo> nodes, List<StreamInfo> connections) {
  private static final String IDLE = "idle";

  /**
   * A node that has a lease.
   *
   * @param renewedAt by the clock of the server, as is {@code endsAt}; null without a lease
   * @param connections how many streams it has
   */
  public record NodeInfo(
      String name, String incarnation, String renewedAt, String endsAt, int connections) {}

  /**
   * A stream: as {@link ConnectionInfo}, and its node.
   *
   * @param lastWriteAt null for a stream of another node that is not behind
   */
  public record StreamInfo(
      String node,
      String incarnation,
      long id,
      String user,
      String connectedAt,
      String address,
      String userAgent,
      String cursor,
      long lag,
      String lastWriteAt,
      String state,
      List<String> types) {
    public StreamInfo {
      types = List.copyOf(types);
    }
  }

  public ClusterConnections {
    nodes = List.copyOf(nodes);
    connections = List.copyOf(connections);
  }

  /**
   * Puts the answer together.
   *
   * @param own the streams of this node, as it knows them now
   * @param newest the offset of the newest event
   */
  static ClusterConnections of(ClusterView view, List<ConnectionInfo> own, long newest) {
    List<NodeInfo> nodes = new ArrayList<>();
    List<StreamInfo> streams = new ArrayList<>();
    for (ClusterView.Node node : view.nodes()) {
      int before = streams.size();
      if (node.isSelf()) {
        own.forEach(info -> streams.add(of(node, info)));
      } else {
        node.streams().forEach(stream -> streams.add(of(node, stream, newest)));
      }
      nodes.add(new NodeInfo(
          node.name(),
          node.incarnation(),
          text(node.renewedAt()),
          text(node.endsAt()),
          streams.size() - before));
    }
    return new ClusterConnections(view.complete(), Timestamps.format(view.asOf()), nodes, streams);
  }

  private static String text(Instant time) {
    return time == null ? null : Timestamps.format(time);
  }

  private static StreamInfo of(ClusterView.Node node, ConnectionInfo info) {
    return new StreamInfo(
        node.name(),
        node.incarnation(),
        info.id(),
        info.user(),
        info.connectedAt(),
        info.address(),
        info.userAgent(),
        info.cursor(),
        info.lag(),
        info.lastWriteAt(),
        info.state(),
        info.types());
  }

  private static StreamInfo of(ClusterView.Node node, PresentStream stream, long newest) {
    PresentStream.Behind behind = stream.behind();
    String cursor = behind == null ? node.cursor() : behind.cursor();
    long lag = behind == null
        ? 0
        : EventId.parse(cursor).map(id -> Math.max(0, newest - id.offset())).orElse(0L);
    return new StreamInfo(
        node.name(),
        node.incarnation(),
        stream.id(),
        stream.user(),
        Timestamps.format(stream.connectedAt()),
        stream.address(),
        stream.userAgent(),
        cursor,
        lag,
        behind == null ? null : behind.lastWriteAt(),
        behind == null ? IDLE : behind.state(),
        stream.types());
  }
}
