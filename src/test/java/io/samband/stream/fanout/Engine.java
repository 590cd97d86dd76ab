package io.samband.stream.fanout;

import static org.awaitility.Awaitility.await;

import io.samband.concurrent.NamedThreads;
import io.samband.concurrent.Notifier;
import io.samband.log.EventFilter;
import io.samband.log.LogHealth;
import io.samband.log.LogState;
import io.samband.log.MemoryLog;
import io.samband.log.Replay;
import io.samband.settings.Settings;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** The engine without a server: a worker, a ring, a page reader, a log in memory, and outputs that follow a script. */
final class Engine implements AutoCloseable {
  final MemoryLog log = new MemoryLog();
  final FrameRing ring;
  final Notifier notifier = new Notifier();
  final PageReader reader = new PageReader(log, notifier);
  final FanOutWorker worker;
  final List<String> departures = new CopyOnWriteArrayList<>();
  final AtomicReference<Runnable> duringNextDeparture = new AtomicReference<>(() -> {});
  private final Settings settings;
  private long numbers;

  Engine(int ringBytes, Map<String, String> overrides) {
    this(ringBytes, overrides, Ticks.LIMIT);
  }

  /** With workers that do not tick by themselves: a lost wake-up shows. */
  static Engine withoutTicks(int ringBytes) {
    return new Engine(ringBytes, Map.of(), Duration.ofDays(1));
  }

  private Engine(int ringBytes, Map<String, String> overrides, Duration tickLimit) {
    settings = Settings.of(overrides);
    ring = new FrameRing(ringBytes);
    worker = new FanOutWorker(
        log,
        ring,
        reader,
        settings,
        notifier,
        (subscriber, reason, cause) -> {
          departures.add(subscriber.peer.number() + " " + reason.wireName());
          duringNextDeparture.getAndSet(() -> {}).run();
        },
        new NamedThreads("samband-fan-out"),
        tickLimit);
    worker.start();
    log.follow((events, newest) -> {
      ring.advance(events, newest);
      worker.wake();
    });
  }

  /** A subscriber as the resource makes it, with an output that is full until the test says otherwise. */
  Stream subscribe(String lastEventId, EventFilter filter) {
    var output = new ScriptedOutput();
    Subscriber subscriber = subscribe(lastEventId, filter, output);
    output.onWritable(subscriber::onWritable);
    output.start();
    return new Stream(subscriber, output);
  }

  /** As above, with an output of the test's own, which is to tell {@link Subscriber#onWritable} from now on. */
  Subscriber subscribe(String lastEventId, EventFilter filter, StreamOutput output) {
    Subscriber subscriber = subscriber(++numbers, log.state(), lastEventId, filter);
    subscriber.output(output);
    subscriber.servedBy(worker);
    return subscriber;
  }

  /** As above, of somebody in particular, and without a cursor. */
  Stream subscribe(Owner owner) {
    var output = new ScriptedOutput();
    Subscriber subscriber = subscriber(++numbers, log.state(), null, EventFilter.ALL, owner);
    subscriber.output(output);
    subscriber.servedBy(worker);
    output.onWritable(subscriber::onWritable);
    output.start();
    return new Stream(subscriber, output);
  }

  /** What the resource makes of a request. */
  static Subscriber subscriber(
      long number, LogState state, String lastEventId, EventFilter filter) {
    return subscriber(number, state, lastEventId, filter, Owner.NOBODY);
  }

  private static Subscriber subscriber(
      long number, LogState state, String lastEventId, EventFilter filter, Owner owner) {
    Replay replay = state.replay(lastEventId);
    var greeting = new ByteArrayOutputStream();
    greeting.writeBytes(ControlFrames.encode(2_000, "hello", replay.helloId(), "{}"));
    if (replay.reset() != null) {
      greeting.writeBytes(ControlFrames.reset(replay.reset()));
    }
    var peer = new Subscriber.Peer(number, "192.0.2.1", "test", Instant.now());
    return new Subscriber(
        peer,
        owner,
        filter,
        replay.after(),
        greeting.toByteArray(),
        LogHealth.Status.OK,
        Duration.ofDays(1));
  }

  /** One stream, seen from both ends. */
  record Stream(Subscriber subscriber, ScriptedOutput output) {
    List<Received> received() {
      return Received.all(output.text());
    }

    void awaitOffset(long offset) {
      await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(2)).until(() -> {
        List<Received> all = received();
        return !all.isEmpty() && all.get(all.size() - 1).offset() >= offset;
      });
    }
  }

  /** A frame as a client reads it. */
  record Received(String event, long offset, String data) {
    static List<Received> all(String text) {
      List<Received> frames = new ArrayList<>();
      for (String frame : text.split("\n\n", -1)) {
        if (frame.isEmpty()) {
          continue;
        }
        String event = null;
        String id = null;
        String data = null;
        for (String line : frame.split("\n", -1)) {
          if (line.startsWith("event: ")) {
            event = line.substring(7);
          } else if (line.startsWith("id: ")) {
            id = line.substring(4);
          } else if (line.startsWith("data: ")) {
            data = line.substring(6);
          } else if (!line.startsWith("retry: ")) {
            throw new AssertionError("torn frame: " + frame);
          }
        }
        frames.add(new Received(event, Long.parseLong(id.substring(9)), data));
      }
      return frames;
    }

    boolean isEvent() {
      return event == null;
    }
  }

  /** Returns when the worker knows everything that it was told before. Its streams are served after that. */
  void settle() {
    worker.snapshots().orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    var unused = worker.drain(subscriber -> 0);
    reader.close();
    notifier.close();
  }
}
