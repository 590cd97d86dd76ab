package io.samband.log.shared;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.samband.event.Audience;
import io.samband.event.EventId;
import io.samband.log.Entry;
import io.samband.log.EventLog;
import io.samband.log.IdempotencyKey;
import io.samband.log.LogEngine.Batch;
import io.samband.log.LogState;
import io.samband.log.LoggedEvent;
import io.samband.log.Retention;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** One of several engines on one log, as the node that it belongs to uses it, and all that its follower is told. */
final class Node implements EventLog.Follower, AutoCloseable {
  static final Duration LIMIT = Duration.ofSeconds(60);

  final FaultyStore store;
  final SharedEngine engine;

  /** {@code offset:type}, or {@code rewound newest, state's newest}. */
  final List<String> told = new CopyOnWriteArrayList<>();

  private final String name = UUID.randomUUID().toString();
  private long batches;

  Node(SharedStore store, long retainEvents) {
    this.store = new FaultyStore(store);
    this.engine = new SharedEngine(this.store, new Retention(retainEvents, 1L << 40, 1L << 40));
  }

  Node opened() {
    engine.open(0, this);
    return this;
  }

  /** As the thread that appends does after a failure. */
  LogState reopen() {
    return engine.open(state().newest(), this);
  }

  LogState state() {
    return engine.state();
  }

  Batch batch(int lost, Entry... entries) {
    return new Batch(name, ++batches, lost, List.of(entries));
  }

  /** Appends one event of each type as one batch. */
  List<EventId> append(String... types) {
    return engine.append(
        batch(0, Arrays.stream(types).map(type -> entry(type, null)).toArray(Entry[]::new)));
  }

  /** Appends one event of each type, each on its own. */
  void appendEach(String... types) {
    for (String type : types) {
      append(type);
    }
  }

  static Entry entry(String type, IdempotencyKey key) {
    return new Entry(
        type, Audience.EVERYBODY, ("{\"type\":\"" + type + "\"}").getBytes(UTF_8), key);
  }

  @Override
  public void advanced(List<LoggedEvent> events, long newest) {
    events.forEach(event -> told.add(event.offset() + ":" + event.type()));
  }

  @Override
  public void rewound(long newest) {
    told.add("rewound " + newest + ", state " + engine.state().newest());
  }

  void awaitNewest(long offset) {
    await().atMost(LIMIT).until(() -> state().newest() >= offset);
  }

  @Override
  public void close() {
    engine.close();
  }
}
