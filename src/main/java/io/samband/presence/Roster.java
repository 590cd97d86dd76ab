package io.samband.presence;

import io.samband.event.SubscriberArrived;
import io.samband.event.SubscriberLeft;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides which arrivals and departures modules are told of, so that a client which changes its stream or its node is neither.
 *
 * <p>Streams with the same user, address and User-Agent cannot be told apart, so they are counted: one that ends and another one
 * that begins are the same client. Times are those of {@link System#nanoTime}. Used by one thread; knows no clock.
 */
final class Roster {
  /**
   * What is known about the nodes at one moment.
   *
   * @param complete whether all nodes are known
   * @param self the incarnation of this node
   * @param alive the incarnations of the nodes that have a lease, this one included, in order
   * @param doubtful those that did not renew it in time: their streams may be gone
   */
  record Nodes(boolean complete, String self, List<String> alive, Set<String> doubtful) {
    Nodes {
      alive = List.copyOf(alive);
      doubtful = Set.copyOf(doubtful);
    }
  }

  private record Client(String user, String address, String userAgent) {
    static Client of(PresentStream stream) {
      return new Client(stream.user(), stream.address(), stream.userAgent());
    }
  }

  /** A stream at a node, and since when it is there and was not told, or was told and is gone. */
  private static final class Place {
    final String incarnation;
    final String node;
    final PresentStream stream;
    long sinceNanos;

    /** Of the event that told of it, or of the one that it has replaced; null while there was none. */
    String told;

    Place(String incarnation, String node, PresentStream stream, long sinceNanos) {
      this.incarnation = incarnation;
      this.node = node;
      this.stream = stream;
      this.sinceNanos = sinceNanos;
    }
  }

  private static final class Places {
    final List<Place> told = new ArrayList<>();
    final List<Place> gone = new ArrayList<>();
    final List<Place> waiting = new ArrayList<>();

    boolean isSettled() {
      return gone.isEmpty() && waiting.isEmpty();
    }
  }

  private final long leftNanos;
  private final long secondNanos;
  private final Map<Client, Places> clients = new HashMap<>();
  private final Map<String, Map<Long, Place>> byNode = new HashMap<>();
  private final Set<Client> unsettled = new LinkedHashSet<>();

  /**
   * @param left how long a client has to come back
   * @param second how long a stream has to be there that may be that of a client which has another one already
   */
  Roster(Duration left, Duration second) {
    this.leftNanos = left.toNanos();
    this.secondNanos = second.toNanos();
  }

  void opened(String incarnation, String node, PresentStream stream, long now) {
    Place place = new Place(incarnation, node, stream, now);
    byNode.computeIfAbsent(incarnation, unused -> new HashMap<>()).put(stream.id(), place);
    Client client = Client.of(stream);
    Places places = clients.computeIfAbsent(client, unused -> new Places());
    if (places.gone.isEmpty()) {
      places.waiting.add(place);
    } else {
      replace(places, places.gone.remove(0), place);
    }
    settle(client, places);
  }

  private static void replace(Places places, Place before, Place now) {
    now.told = before.told;
    places.told.add(now);
  }

  void ended(String incarnation, long id, long now) {
    Map<Long, Place> ofNode = byNode.getOrDefault(incarnation, Map.of());
    Place place = ofNode.get(id);
    if (place == null) {
      return;
    }
    ofNode.remove(id);
    if (ofNode.isEmpty()) {
      byNode.remove(incarnation);
    }
    Client client = Client.of(place.stream);
    Places places = clients.get(client);
    if (places.told.remove(place)) {
      if (places.waiting.isEmpty()) {
        place.sinceNanos = now;
        places.gone.add(place);
      } else {
        replace(places, place, places.waiting.remove(0));
      }
    } else {
      places.waiting.remove(place);
    }
    settle(client, places);
  }

  private void settle(Client client, Places places) {
    if (!places.isSettled()) {
      unsettled.add(client);
      return;
    }
    unsettled.remove(client);
    if (places.told.isEmpty()) {
      clients.remove(client);
    }
  }

  /** The events that are due: {@link SubscriberArrived} and {@link SubscriberLeft}. Each is given once. */
  List<Object> takeDue(Nodes nodes, long now) {
    List<Object> due = new ArrayList<>();
    for (Client client : List.copyOf(unsettled)) {
      Places places = clients.get(client);
      takeLeft(places, nodes, now, due);
      takeArrived(places, nodes, now, due);
      settle(client, places);
    }
    return due;
  }

  private void takeLeft(Places places, Nodes nodes, long now, List<Object> due) {
    for (Iterator<Place> each = places.gone.iterator(); each.hasNext(); ) {
      Place place = each.next();
      if (!nodes.complete()) {
        // It may be at another node: the time to come back begins when they are all seen again.
        place.sinceNanos = now;
      } else if (now - place.sinceNanos >= leftNanos) {
        each.remove();
        due.add(left(place, nodes));
      }
    }
  }

  private void takeArrived(Places places, Nodes nodes, long now, List<Object> due) {
    // Each of them may be one that has moved, from a node that was killed and still has its lease.
    long doubted = places.told.stream()
        .filter(place -> nodes.doubtful().contains(place.incarnation))
        .count();
    for (Place place : List.copyOf(places.waiting)) {
      boolean first = places.told.isEmpty() && places.gone.isEmpty();
      boolean second = nodes.complete()
          && now - place.sinceNanos >= secondNanos
          && places.waiting.size() > doubted;
      if ((first || second) && !nodes.doubtful().contains(place.incarnation)) {
        places.waiting.remove(place);
        place.told = place.incarnation + '-' + place.stream.id();
        places.told.add(place);
        due.add(arrived(place, nodes));
      }
    }
  }

  private static SubscriberArrived arrived(Place place, Nodes nodes) {
    PresentStream stream = place.stream;
    return new SubscriberArrived(
        place.told,
        stream.user(),
        stream.address(),
        stream.userAgent(),
        place.node,
        stream.connectedAt(),
        isResponsible(place, nodes));
  }

  private static SubscriberLeft left(Place place, Nodes nodes) {
    PresentStream stream = place.stream;
    return new SubscriberLeft(
        place.told,
        stream.user(),
        stream.address(),
        stream.userAgent(),
        place.node,
        stream.connectedAt(),
        isResponsible(place, nodes));
  }

  /** Whoever has the stream; if that node is gone, the first of the others. */
  private static boolean isResponsible(Place place, Nodes nodes) {
    List<String> alive = nodes.alive();
    String responsible =
        alive.contains(place.incarnation) || alive.isEmpty() ? place.incarnation : alive.get(0);
    return responsible.equals(nodes.self());
  }
}
