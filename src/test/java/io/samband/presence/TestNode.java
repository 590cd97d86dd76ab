package io.samband.presence;

import io.samband.event.SubscriberArrived;
import io.samband.event.SubscriberLeft;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** A node with fake streams, and a module that writes down what it is told. */
final class TestNode implements AutoCloseable {
  final FakeStreams streams = new FakeStreams();
  final CountingStore store;
  final Presence presence;
  private final List<String> told = new CopyOnWriteArrayList<>();

  TestNode(String incarnation, String name, PresenceStore store) {
    this.store = new CountingStore(store);
    presence = new Presence(
        incarnation, name, streams, this.store, Presence.GRACE, Duration.ofSeconds(1), event -> {
          told.add(text(event));
          return CompletableFuture.completedFuture(null);
        });
  }

  TestNode start() {
    presence.start();
    return this;
  }

  private static String text(Object event) {
    if (event instanceof SubscriberArrived arrived) {
      return "+" + arrived.user() + " at " + arrived.node() + mark(arrived.responsible());
    }
    SubscriberLeft left = (SubscriberLeft) event;
    return "-" + left.user() + " at " + left.node() + mark(left.responsible());
  }

  private static String mark(boolean responsible) {
    return responsible ? "!" : "";
  }

  /** What modules were told: arrivals with a plus, departures with a minus, and a ! where this node is responsible. */
  List<String> told() {
    return List.copyOf(told);
  }

  /** The nodes that it shows, each with the ids of its streams; of itself none. */
  List<String> shown() {
    return presence.view().nodes().stream()
        .map(node ->
            node.incarnation() + node.streams().stream().map(PresentStream::id).toList())
        .toList();
  }

  @Override
  public void close() {
    presence.close();
  }
}
