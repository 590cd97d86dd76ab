package io.samband.presence;

import io.samband.presence.PresenceStore.Change;
import io.samband.presence.PresenceStore.PublishedNode;
import io.samband.presence.PresenceStore.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What this node has read of the others. Not thread-safe. */
final class KnownNodes {
  /** Told of the streams of other nodes. */
  interface Listener {
    void opened(String incarnation, String node, PresentStream stream);

    void ended(String incarnation, long id);
  }

  private static final class Known {
    PublishedNode latest;
    final Map<Long, PresentStream> streams = new TreeMap<>();
  }

  private final String self;
  private final Map<String, Known> nodes = new TreeMap<>();
  private Instant asOf;

  KnownNodes(String self) {
    this.self = self;
  }

  /** The newest version that is known of each node. */
  Map<String, Long> seen() {
    Map<String, Long> seen = new HashMap<>();
    nodes.forEach((incarnation, known) -> seen.put(incarnation, known.latest.version()));
    // What this node has published it knows.
    seen.put(self, Long.MAX_VALUE);
    return seen;
  }

  void apply(Reading reading, Listener listener) {
    asOf = reading.asOf();
    Set<String> gone = new TreeSet<>(nodes.keySet());
    for (PublishedNode node : reading.nodes()) {
      gone.remove(node.incarnation());
      apply(node, listener);
    }
    for (String incarnation : gone) {
      nodes.remove(incarnation).streams.keySet().forEach(id -> listener.ended(incarnation, id));
    }
  }

  private void apply(PublishedNode node, Listener listener) {
    Known known = nodes.computeIfAbsent(node.incarnation(), unused -> new Known());
    known.latest = node;
    if (node.incarnation().equals(self)) {
      return;
    }
    if (node.isWhole()) {
      keepOnly(known, node, listener);
    }
    node.changes().forEach(change -> apply(known, change, listener));
  }

  private static void keepOnly(Known known, PublishedNode node, Listener listener) {
    Set<Long> kept = new HashSet<>();
    node.changes().stream()
        .filter(change -> change.json() != null)
        .forEach(change -> kept.add(change.id()));
    for (long id : List.copyOf(known.streams.keySet())) {
      if (!kept.contains(id)) {
        known.streams.remove(id);
        listener.ended(node.incarnation(), id);
      }
    }
  }

  private static void apply(Known known, Change change, Listener listener) {
    String incarnation = known.latest.incarnation();
    Optional<PresentStream> stream =
        change.json() == null ? Optional.empty() : StreamJson.read(change.id(), change.json());
    if (stream.isEmpty()) {
      if (known.streams.remove(change.id()) != null) {
        listener.ended(incarnation, change.id());
      }
    } else if (known.streams.put(change.id(), stream.get()) == null) {
      listener.opened(incarnation, known.latest.name(), stream.get());
    }
  }

  /** When they were read, by the clock of the store; null if they never were. */
  Instant asOf() {
    return asOf;
  }

  int count() {
    return nodes.size();
  }

  /** Those whose lease has not ended, in order. */
  List<String> incarnations() {
    return List.copyOf(nodes.keySet());
  }

  /** Those that have not renewed their lease for longer than that. */
  List<String> silentFor(Duration limit) {
    return nodes.values().stream()
        .map(known -> known.latest)
        .filter(node -> node.renewedAt().plus(limit).isBefore(asOf))
        .map(PublishedNode::incarnation)
        .toList();
  }

  /** Another node of the same name, if there is one. */
  Optional<String> namesake(String name) {
    return nodes.values().stream()
        .map(known -> known.latest)
        .filter(node -> node.name().equals(name) && !node.incarnation().equals(self))
        .map(PublishedNode::incarnation)
        .findFirst();
  }

  /** The published node of this incarnation, or null. */
  PublishedNode latest(String incarnation) {
    Known known = nodes.get(incarnation);
    return known == null ? null : known.latest;
  }

  List<ClusterView.Node> view() {
    List<ClusterView.Node> view = new ArrayList<>();
    nodes.forEach((incarnation, known) -> view.add(new ClusterView.Node(
        incarnation,
        known.latest.name(),
        incarnation.equals(self),
        known.latest.cursor(),
        known.latest.renewedAt(),
        known.latest.endsAt(),
        List.copyOf(known.streams.values()))));
    return view;
  }
}
