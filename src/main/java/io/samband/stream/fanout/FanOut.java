package io.samband.stream.fanout;

import io.samband.concurrent.NamedThreads;
import io.samband.concurrent.Notifier;
import io.samband.log.EventLog;
import io.samband.log.LogState;
import io.samband.log.LoggedEvent;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The delivery engine of a deployment: what the event log gets, every subscriber gets. It hands the subscribers out to its
 * workers and asks them. All methods may be called by any thread.
 */
public final class FanOut implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(FanOut.class.getName());

  /** For answers of the workers, and for the last frames of all streams when the deployment ends. */
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

  /** Far longer than a turn for 10,000 subscribers takes, and than a pause of a healthy JVM. */
  private static final Duration STUCK = Duration.ofSeconds(10);

  private final EventLog log;
  private final Settings settings;
  private final Notifier notifier;
  private final Listener listener;
  private final PageReader reader;
  private final List<FanOutWorker> workers = new ArrayList<>();
  private final OpenStreams open = new OpenStreams();
  private final Map<EndReason, LongAdder> ended = new ConcurrentHashMap<>();

  /** Told of every stream that has ended, in the notifier's thread. */
  public interface Listener {
    /**
     * A stream has ended.
     *
     * @param cause null unless something failed
     */
    void ended(Subscriber subscriber, EndReason reason, Throwable cause);
  }

  public FanOut(EventLog log, Settings settings, Notifier notifier, Listener listener) {
    this.log = log;
    this.settings = settings;
    this.notifier = notifier;
    this.listener = listener;
    this.reader = new PageReader(log, notifier);
    FrameRing ring = new FrameRing(settings.integer(Setting.RING_BYTES));
    NamedThreads threads = new NamedThreads("samband-fan-out");
    for (int i = 0; i < settings.integer(Setting.WORKERS); i++) {
      workers.add(new FanOutWorker(
          log, ring, reader, settings, notifier, this::departed, threads, Ticks.LIMIT));
    }
    log.follow(new EventLog.Follower() {
      @Override
      public void advanced(List<LoggedEvent> events, long newest) {
        ring.advance(events, newest);
        long now = System.nanoTime();
        for (FanOutWorker worker : workers) {
          worker.appended(now);
        }
      }

      @Override
      public void rewound(long newest) {
        restart(ring, newest);
      }
    });
    // If the log cannot be followed, no thread is left behind.
    workers.forEach(FanOutWorker::start);
  }

  /** Ends all streams without a word, so that their clients come back with the last id that they have. */
  private void restart(FrameRing ring, long newest) {
    var ends = workers.stream()
        .map(worker -> worker.restart(EndReason.REWOUND))
        .toArray(CompletableFuture<?>[]::new);
    await(CompletableFuture.allOf(ends));
    ring.restart(newest);
  }

  /**
   * Serves a subscriber from now on.
   *
   * @param admitted the state of the log, or an earlier one, when it was decided after which event
   */
  public void register(Subscriber subscriber, LogState admitted) {
    open.add(subscriber);
    // Evenly, and the same worker for its whole life.
    subscriber.servedBy(workers.get((int) (subscriber.peer.number() % workers.size())));
    if (!log.state().continues(admitted)) {
      // The log was rewound meanwhile, and those who were there then were ended.
      subscriber.close();
    }
  }

  private void departed(Subscriber subscriber, EndReason reason, Throwable cause) {
    open.remove(subscriber);
    ended.computeIfAbsent(reason, unused -> new LongAdder()).increment();
    notifier.log(
        LOG,
        Level.INFO,
        "[SSE] disconnect subscriber={0,number,#} address={1} reason={2} events={3,number,#}"
            + " cursor={4,number,#} cause={5}",
        subscriber.peer.number(),
        subscriber.peer.address(),
        reason.wireName(),
        subscriber.events,
        subscriber.cursor,
        cause == null ? "none" : cause);
    notifier.tell(() -> listener.ended(subscriber, reason, cause));
  }

  /**
   * Ends the stream with a number.
   *
   * @return how many streams that were: 1 or 0
   */
  public int endNumbered(long number, EndReason reason) {
    return drain(open.numbered(number).stream().toList(), reason);
  }

  /**
   * Ends all streams of a user.
   *
   * @return how many
   */
  public int endOfUser(String user, EndReason reason) {
    return drain(open.ofUser(user), reason);
  }

  /**
   * Ends all streams of a session of the container.
   *
   * @return how many
   */
  public int endOfSession(String sessionId, EndReason reason) {
    return drain(open.ofSession(sessionId), reason);
  }

  private int drain(Collection<Subscriber> subscribers, EndReason reason) {
    long retry = settings.number(Setting.RETRY_MILLIS);
    subscribers.forEach(subscriber -> subscriber.drain(reason, retry));
    return subscribers.size();
  }

  /** How many streams are open. */
  public OpenStreams open() {
    return open;
  }

  /** How many streams have ended for a reason since the start. */
  public long ended(EndReason reason) {
    LongAdder count = ended.get(reason);
    return count == null ? 0 : count.sum();
  }

  /** The open streams, the oldest first; without those of a worker that does not answer. */
  public List<ConnectionInfo> connections() {
    return formatted(
        ask(FanOutWorker::snapshots).flatMap(List::stream),
        Comparator.comparingLong(snapshot -> snapshot.subscriber().peer.number()),
        Integer.MAX_VALUE);
  }

  /** The open streams whose client does not read, or which wait for a page of the log; those that are furthest behind. */
  public List<ConnectionInfo> behind(int max) {
    return formatted(
        ask(FanOutWorker::behind).flatMap(List::stream),
        Comparator.comparingLong(ConnectionInfo.Snapshot::cursor),
        max);
  }

  private List<ConnectionInfo> formatted(
      Stream<ConnectionInfo.Snapshot> snapshots,
      Comparator<ConnectionInfo.Snapshot> order,
      int max) {
    List<ConnectionInfo.Snapshot> some = snapshots.sorted(order).limit(max).toList();
    long nanos = System.nanoTime();
    Instant now = Instant.now();
    LogState state = log.state();
    return some.stream().map(snapshot -> snapshot.format(state, nanos, now)).toList();
  }

  /** What the workers have done since the start and whom they serve now; empty if one of them does not answer. */
  public Optional<DeliveryStats> stats() {
    List<DeliveryStats> each = ask(FanOutWorker::stats).toList();
    return each.size() < workers.size()
        ? Optional.empty()
        : Optional.of(each.stream().reduce(DeliveryStats.NONE, DeliveryStats::plus));
  }

  /** The timer of the container: it is time for keepalives and evictions. */
  public void tick() {
    workers.forEach(FanOutWorker::tick);
  }

  /** What is wrong if a worker has made no progress for ten seconds, else empty. Never waits. */
  public Optional<String> problem() {
    return problem(STUCK);
  }

  /** As above, if there was no progress for so long; at least 1.5 s, because an idle worker sleeps. */
  public Optional<String> problem(Duration noProgressFor) {
    for (FanOutWorker worker : workers) {
      long nanos = worker.stuckNanos();
      if (nanos >= noProgressFor.toNanos()) {
        return Optional.of(worker.name() + " has made no progress for "
            + TimeUnit.NANOSECONDS.toSeconds(nanos) + " s");
      }
    }
    return Optional.empty();
  }

  /** Asks all workers at once and waits for all answers together, except of workers that are stuck. */
  private <T> Stream<T> ask(Function<FanOutWorker, CompletableFuture<T>> question) {
    List<CompletableFuture<T>> answers = workers.stream()
        .filter(worker -> worker.stuckNanos() < STUCK.toNanos())
        .map(question)
        .toList();
    await(CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new)));
    return answers.stream()
        .filter(answer -> answer.isDone() && !answer.isCompletedExceptionally())
        .map(CompletableFuture::join);
  }

  private static void await(CompletableFuture<?> all) {
    try {
      all.get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // The caller looks at which of them have answered.
      return;
    }
  }

  /** Tells every subscriber when to come back, spread over the drain time, and ends all streams. */
  @Override
  public void close() {
    long retry = settings.number(Setting.RETRY_MILLIS);
    long spread = settings.number(Setting.DRAIN_MILLIS);
    var drained = workers.stream()
        .map(worker ->
            worker.drain(subscriber -> retry + ThreadLocalRandom.current().nextLong(spread + 1)))
        .toArray(CompletableFuture<?>[]::new);
    await(CompletableFuture.allOf(drained));
    reader.close();
    notifier.log(LOG, Level.INFO, "[SSE] all streams drained");
  }
}
