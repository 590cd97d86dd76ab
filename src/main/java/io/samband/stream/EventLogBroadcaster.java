package io.samband.stream;

import io.samband.event.SSEEvent;
import io.samband.log.EventLog;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import io.samband.web.Problem;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.SseBroadcaster;
import jakarta.ws.rs.sse.SseEventSink;
import java.lang.System.Logger.Level;
import java.text.MessageFormat;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The broadcaster of this deployment: what the event log gets, every subscriber gets.
 *
 * <p>It is a {@link SseBroadcaster}, injected from CDI; the containers' own ones wait for each client in turn, or drop those
 * that are slow. All methods may be called by any thread.
 */
@ApplicationScoped
public class EventLogBroadcaster implements SseBroadcaster {
  private static final System.Logger LOG = System.getLogger(EventLogBroadcaster.class.getName());
  private static final long ANSWER_SECONDS = 5;

  private EventLog log;
  private Settings settings;
  private PageReader reader;
  private FanOutWorker[] workers;
  private final AtomicInteger open = new AtomicInteger();
  private final ConcurrentHashMap<String, Integer> openByAddress = new ConcurrentHashMap<>();
  private final List<BiConsumer<SseEventSink, Throwable>> errorListeners =
      new CopyOnWriteArrayList<>();
  private final List<Consumer<SseEventSink>> closeListeners = new CopyOnWriteArrayList<>();
  private final Map<EndReason, LongAdder> ended = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /** For the proxy of CDI. */
  protected EventLogBroadcaster() {}

  @Inject
  public EventLogBroadcaster(EventLog log, Settings settings) {
    this.log = log;
    this.settings = settings;
    FrameRing ring = new FrameRing(settings.integer(Setting.RING_BYTES));
    this.reader = new PageReader(log);
    this.workers = new FanOutWorker[settings.integer(Setting.WORKERS)];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new FanOutWorker(log, ring, reader, settings, this::departed);
      workers[i].start();
    }
    log.follow((events, newest) -> {
      ring.advance(events, newest);
      long now = System.nanoTime();
      for (FanOutWorker worker : workers) {
        worker.appended(now);
      }
    });
  }

  /** Which worker serves a subscriber: evenly, and the same one for its whole life. */
  private FanOutWorker worker(Subscriber subscriber) {
    return workers[(int) (subscriber.peer.number() % workers.length)];
  }

  /**
   * Registers a subscriber of {@code GET /api/sse}.
   *
   * @throws IllegalArgumentException for a sink of the container: it could block, and would be outside the log's order
   */
  @Override
  public void register(SseEventSink sink) {
    if (!(sink instanceof Subscriber subscriber)) {
      throw new IllegalArgumentException("only streams of GET /api/sse can be registered, not a "
          + sink.getClass().getName());
    }
    if (closed) {
      throw Problem.unavailable("this node is stopping; try again");
    }
    open.incrementAndGet();
    openByAddress.merge(subscriber.peer.address(), 1, Integer::sum);
    subscriber.servedBy(worker(subscriber));
  }

  private void departed(Subscriber subscriber, EndReason reason, Throwable cause) {
    open.decrementAndGet();
    openByAddress.computeIfPresent(
        subscriber.peer.address(), (address, count) -> count == 1 ? null : count - 1);
    ended.computeIfAbsent(reason, unused -> new LongAdder()).increment();
    say(
        "[SSE] disconnect subscriber={0,number,#} address={1} reason={2} events={3,number,#}"
            + " cursor={4,number,#} cause={5}",
        subscriber.peer.number(),
        subscriber.peer.address(),
        reason.wireName(),
        subscriber.events,
        subscriber.cursor,
        cause == null ? "none" : cause.toString());
    if (cause != null) {
      errorListeners.forEach(listener -> guarded(() -> listener.accept(subscriber, cause)));
    }
    closeListeners.forEach(listener -> guarded(() -> listener.accept(subscriber)));
  }

  /**
   * The JDK takes its log handlers down in a shutdown hook of its own, beside the one in which a container stops us. What is
   * said then must not be lost: it is how every stream ended.
   */
  private static void say(String message, Object... values) {
    if (java.util.logging.Logger.getLogger("").getHandlers().length > 0) {
      LOG.log(Level.INFO, message, values);
    } else {
      System.err.println(Instant.now() + " INFO " + MessageFormat.format(message, values));
    }
  }

  private static void guarded(Runnable listener) {
    try {
      listener.run();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.WARNING, "[SSE] a listener of the broadcaster failed", e);
    }
  }

  /** How many streams are open. */
  public int subscribers() {
    return open.get();
  }

  /** How many streams are open from an address. */
  int subscribers(String address) {
    return openByAddress.getOrDefault(address, 0);
  }

  /** Who is connected now, the longest first. */
  public List<Connection> connections() {
    List<Connection> connections = new ArrayList<>();
    for (FanOutWorker worker : workers) {
      List<Connection> some = new ArrayList<>();
      if (await(done -> worker.forEach(some::add, done))) {
        connections.addAll(some);
      }
    }
    connections.sort(Comparator.comparingLong(Connection::number));
    return connections;
  }

  /** How many streams have ended for a reason since the start. */
  public long ended(EndReason reason) {
    LongAdder count = ended.get(reason);
    return count == null ? 0 : count.sum();
  }

  /** What the workers have done since the start and whom they serve now; null if one does not answer. */
  public Census census() {
    Census sum = Census.NONE;
    for (FanOutWorker worker : workers) {
      var answer = new AtomicReference<Census>();
      if (!await(done -> worker.census(answer::set, done))) {
        return null;
      }
      sum = sum.plus(answer.get());
    }
    return sum;
  }

  private static boolean await(Consumer<Runnable> task) {
    var done = new CountDownLatch(1);
    task.accept(done::countDown);
    try {
      return done.await(ANSWER_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Writes to those that were idle for the keepalive interval, and ends those that stall. Called every second. */
  public void keepalive() {
    for (FanOutWorker worker : workers) {
      worker.tick();
    }
  }

  /**
   * Appends an event to the log, as any other: the name is its type, the data is its JSON.
   *
   * @return completes when the event is durable
   * @throws IllegalArgumentException if it has an id or a comment, which are not the publisher's to choose, or is no event
   */
  @Override
  public CompletionStage<?> broadcast(OutboundSseEvent event) {
    if (event.getId() != null || event.getComment() != null) {
      throw new IllegalArgumentException("the log gives the id, and an event has no comment");
    }
    boolean isJsonText = event.getData() instanceof String
        && MediaType.APPLICATION_JSON_TYPE.isCompatible(event.getMediaType())
        && !event.getMediaType().isWildcardType();
    SSEEvent published = isJsonText
        ? new SSEEvent(event.getName(), (String) event.getData(), Instant.now())
        : SSEEvent.of(event.getName(), event.getData());
    // What the caller hangs on to it must not run in the one thread that stores everybody's events.
    return log.append(List.of(published)).thenApplyAsync(ids -> ids);
  }

  @Override
  public void onError(BiConsumer<SseEventSink, Throwable> onError) {
    errorListeners.add(onError);
  }

  @Override
  public void onClose(Consumer<SseEventSink> onClose) {
    closeListeners.add(onClose);
  }

  /** Tells every subscriber when to come back, spread over the drain time, and ends all streams. */
  @Override
  @PreDestroy
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    long retry = settings.number(Setting.RETRY_MILLIS);
    long spread = settings.number(Setting.DRAIN_MILLIS);
    for (FanOutWorker worker : workers) {
      await(done -> worker.drain(
          subscriber -> retry + ThreadLocalRandom.current().nextLong(spread + 1), done));
    }
    reader.close();
    say("[SSE] all streams drained");
  }

  /** Our sinks are only reachable through us: closing them is what {@link #close()} does. */
  @Override
  public void close(boolean cascading) {
    close();
  }
}
