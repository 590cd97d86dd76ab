package io.samband.status;

import io.samband.log.EventLog;
import io.samband.presence.LocalStreams;
import io.samband.presence.PresentStream;
import io.samband.stream.EventLogBroadcaster;
import io.samband.stream.fanout.ConnectionInfo;
import io.samband.stream.fanout.Subscriber;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The streams of this node as the other nodes may know them. Used by one thread. */
public final class StreamsOfNode implements LocalStreams {
  /** Where they stand changes all the time, so it is told of few: operators look for those that are furthest behind. */
  private static final int MAX_BEHIND = 200;

  private final EventLogBroadcaster broadcaster;
  private final EventLog log;
  private Map<Long, PresentStream> known = Map.of();
  private Map<Long, PresentStream.Behind> behindBefore = Map.of();

  public StreamsOfNode(EventLogBroadcaster broadcaster, EventLog log) {
    this.broadcaster = broadcaster;
    this.log = log;
  }

  @Override
  public Collection<PresentStream> open() {
    Map<Long, PresentStream> open = new HashMap<>();
    for (Subscriber subscriber : broadcaster.streams()) {
      long id = subscriber.peer().number();
      PresentStream before = known.get(id);
      open.put(id, before == null ? streamOf(subscriber) : before);
    }
    known = open;
    return placed(open);
  }

  private static PresentStream streamOf(Subscriber subscriber) {
    Subscriber.Peer peer = subscriber.peer();
    return new PresentStream(
        peer.number(),
        subscriber.owner().user(),
        peer.connectedAt(),
        peer.address(),
        peer.userAgent(),
        subscriber.filter().types().stream().sorted().toList(),
        null);
  }

  /** Says of those where they stand that were behind at the last look, too: for a moment each of them is. */
  private List<PresentStream> placed(Map<Long, PresentStream> open) {
    Map<Long, PresentStream.Behind> behind = new HashMap<>();
    for (ConnectionInfo info : broadcaster.behind(MAX_BEHIND)) {
      behind.put(
          info.id(), new PresentStream.Behind(info.cursor(), info.lastWriteAt(), info.state()));
    }
    List<PresentStream> placed = new ArrayList<>(open.size());
    open.forEach((id, stream) -> placed.add(
        behind.containsKey(id) && behindBefore.containsKey(id)
            ? stream.at(behind.get(id))
            : stream));
    behindBefore = behind;
    return placed;
  }

  @Override
  public String cursor() {
    return log.newestId().toString();
  }
}
