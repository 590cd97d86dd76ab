package io.samband.stream.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.concurrent.NamedThreads;
import io.samband.concurrent.Notifier;
import io.samband.event.Audience;
import io.samband.event.EventId;
import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.log.EventFilter;
import io.samband.log.EventHeader;
import io.samband.log.EventLog;
import io.samband.log.FakeDisk;
import io.samband.log.IdempotencyKey;
import io.samband.log.LogUnavailableException;
import io.samband.log.LoggedEvent;
import io.samband.log.Page;
import io.samband.log.Replay;
import io.samband.log.Reset;
import io.samband.log.Skip;
import io.samband.settings.Settings;
import io.samband.stream.fanout.Engine.Received;
import io.samband.testing.Rounds;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;

/**
 * Random histories of one log and those who follow it, against a plain model: a list of what every offset means.
 *
 * <p>Whatever happens (restarts, a disk that is full, hangs, fails, forgets or is damaged, errors after a commit, publishers that
 * wait or are interrupted, an older copy put back, trimming, losses), every
 * application sees the events that it may see in log order, each once, between two resets; every event that it may not see is
 * announced as hidden before the next frame; and a reset comes exactly where one must come.
 */
class EventLogHistoryTest {
  private static final List<EventFilter> FILTERS = List.of(
      EventFilter.ALL,
      EventFilter.ALL,
      new EventFilter(Set.of("a")),
      EventFilter.parse(List.of("b,c")));
  private static final String[] TYPES = {"a", "b", "c"};
  private static final String[] ATTRIBUTES = {"s:1", "s:2", "u:x", "u:y"};

  @Test
  void everyApplicationSeesTheLogInOrderOnceOrIsToldWhatIsMissing() {
    Random seeds = Rounds.random(EventLogHistoryTest.class);
    int rounds = Rounds.of(40, 5_000);
    Map<String, Integer> seen = new TreeMap<>();
    for (int round = 0; round < rounds; round++) {
      long seed = Long.getLong("samband.history", seeds.nextLong());
      try (History history = new History(seed)) {
        run(history);
        history.counts.forEach((what, count) -> seen.merge(what, count, Integer::sum));
      } catch (AssertionError | RuntimeException | ExecutionException | InterruptedException e) {
        throw new AssertionError("round " + round + ", repeat with -Dsamband.history=" + seed, e);
      }
    }
    System.out.println("EventLogHistoryTest: " + rounds + " histories " + seen);
    // A history in which nothing happens would pass as well.
    assertThat(seen)
        .containsKeys(
            "event",
            "skip",
            "reset trimmed",
            "reset lost",
            "reset ahead",
            "reset unknown_epoch",
            "poll",
            "resume");
  }

  private static void run(History history) throws ExecutionException, InterruptedException {
    try {
      history.run();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(history.story(), e);
    }
  }

  /** One run of one log. Only this thread acts; the log and the worker have theirs. */
  private static final class History implements AutoCloseable {
    final Map<String, Integer> counts = new HashMap<>();
    private final Random random;
    private final Settings settings = Settings.of(Map.of());
    private final FakeDisk disk = new FakeDisk();
    private final long retainEvents;
    private final List<Application> applications = new ArrayList<>();
    private final List<String> script = new ArrayList<>();

    /** What each offset means, in the life that the log is in now; null: lost. */
    private TreeMap<Long, String> truth = new TreeMap<>();

    /** Of every event that was ever published. */
    private final Map<String, Audience> audiences = new HashMap<>();

    private final Map<String, EventId> published = new HashMap<>();
    private FakeDisk backup;
    private TreeMap<Long, String> backupTruth;
    private Map<String, EventId> backupPublished;
    private EventLog log;
    private FanOutWorker worker;
    private PageReader reader;
    private final Notifier notifier = new Notifier();
    private int numbers;

    History(long seed) {
      random = new Random(seed);
      retainEvents = random.nextBoolean() ? 1_000_000 : 5 + random.nextInt(40);
      start();
    }

    private void start() {
      log = disk.open(retainEvents, 4);
      var ring = new FrameRing(200 + random.nextInt(2_000));
      reader = new PageReader(log, notifier);
      worker = new FanOutWorker(
          log,
          ring,
          reader,
          settings,
          notifier,
          (subscriber, reason, cause) -> {},
          new NamedThreads("samband-fan-out"),
          Ticks.LIMIT);
      worker.start();
      var newWorker = worker;
      log.follow((events, newest) -> {
        ring.advance(events, newest);
        newWorker.wake();
      });
    }

    private void stop() {
      log.close();
      for (Application application : applications) {
        application.read();
        application.stream = null;
      }
      worker.drain(subscriber -> 0).orTimeout(10, TimeUnit.SECONDS).join();
      reader.close();
    }

    void run() throws ExecutionException, InterruptedException {
      int steps = 10 + random.nextInt(60);
      for (int step = 0; step < steps; step++) {
        step();
      }
      settle();
      for (Application application : applications) {
        application.catchUp();
      }
    }

    private void step() throws ExecutionException, InterruptedException {
      switch (random.nextInt(20)) {
        case 0, 1, 2, 3 -> publish(1 + random.nextInt(3));
        case 4, 5 -> post(null);
        case 6 -> post("key-" + random.nextInt(6));
        case 7, 8 -> applications.add(new Application(filter()));
        case 9, 10, 11, 12 -> any().act();
        case 13 -> publish(1 + random.nextInt(30));
        case 14 -> {
          say("restart");
          stop();
          start();
        }
        case 15 -> {
          settle();
          say("backup");
          backup = disk.copy();
          backupTruth = new TreeMap<>(truth);
          backupPublished = new HashMap<>(published);
        }
        case 16 -> restore();
        case 17 -> loseTail();
        case 18 -> {
          switch (random.nextInt(8)) {
            case 0 -> hang();
            case 1, 2 -> crowd();
            case 3, 4 -> damage();
            default -> fail();
          }
        }
        default -> {
          if (random.nextInt(3) == 0) {
            overflow();
          }
        }
      }
    }

    private EventFilter filter() {
      Set<String> attributes = new HashSet<>();
      while (random.nextInt(3) > 0) {
        attributes.add(ATTRIBUTES[random.nextInt(ATTRIBUTES.length)]);
      }
      return FILTERS.get(random.nextInt(4)).seenBy(random.nextInt(4) == 0 ? null : attributes);
    }

    private Application any() {
      if (applications.isEmpty()) {
        applications.add(new Application(EventFilter.ALL));
      }
      return applications.get(random.nextInt(applications.size()));
    }

    private void publish(int count) throws ExecutionException, InterruptedException {
      List<SSEEvent> batch = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        batch.add(event());
      }
      var ids = durable(log.append(batch));
      say("publish " + ids.get(0) + " +" + count);
      for (int i = 0; i < count; i++) {
        record(ids.get(i), batch.get(i));
      }
    }

    private void post(String key) throws ExecutionException, InterruptedException {
      SSEEvent event = event();
      var idempotencyKey =
          key == null ? null : IdempotencyKey.of(key, key.getBytes(StandardCharsets.UTF_8));
      EventId id = durable(log.appendNow(event, idempotencyKey)).get(0);
      say("post " + key + " " + id);
      EventId first = key == null ? null : published.get(key);
      boolean remembered = first != null && first.offset() >= log.state().oldest();
      if (remembered && first.offset() <= log.state().newest()) {
        assertThat(id).as("a repeat gets the first id").isEqualTo(first);
      }
      if (!truth.containsKey(id.offset())) {
        record(id, event);
        if (key != null) {
          published.put(key, id);
        }
      }
    }

    private SSEEvent event() {
      String type = TYPES[random.nextInt(3)];
      String data = "\"" + ++numbers + ".".repeat(random.nextInt(60)) + "\"";
      SSEEvent event = new SSEEvent(type, data, Instant.EPOCH);
      if (random.nextInt(3) == 0) {
        event = event.to(ATTRIBUTES[random.nextInt(4)], ATTRIBUTES[random.nextInt(4)]);
      }
      audiences.put(event.toString(), event.audience());
      return event;
    }

    private void record(EventId id, SSEEvent event) {
      assertThat(truth).as("an offset names one event").doesNotContainKey(id.offset());
      assertThat(id.offset()).as("no gap").isEqualTo(truth.isEmpty() ? 1 : truth.lastKey() + 1);
      truth.put(id.offset(), event.toString());
    }

    private void restore() {
      if (backup == null) {
        return;
      }
      say("restore");
      stop();
      disk.restore(backup);
      truth = new TreeMap<>(backupTruth);
      published.clear();
      published.putAll(backupPublished);
      start();
    }

    /** The process ends, and the file comes back without its newest events. */
    private void loseTail() {
      settle();
      int count = 1 + random.nextInt(5);
      say("lose tail " + count);
      long keep = Math.max(log.state().oldest() - 1, log.state().newest() - count);
      stop();
      disk.forgetNewest(count);
      truth = new TreeMap<>(truth.headMap(keep, true));
      published.values().removeIf(id -> id.offset() > keep);
      start();
    }

    /** The disk fails under what is published, before or after it has stored it: the event is stored once, and says so. */
    private void fail() throws ExecutionException, InterruptedException {
      switch (random.nextInt(4)) {
        case 0 -> disk.failAppends(1 + random.nextInt(3));
        case 1 -> disk.failAfterAppends(1 + random.nextInt(3));
        case 2 -> disk.throwAfterAppend(new OutOfMemoryError("meant"));
        default -> disk.throwAfterAppend(new StackOverflowError("meant"));
      }
      say("fail");
      publish(1 + random.nextInt(3));
      disk.failAppends(0);
      disk.failAfterAppends(0);
      disk.throwAfterAppend(null);
    }

    /** The disk hangs for so long that the log counts as failing; what was in the store and what waited is stored then. */
    private void hang() {
      say("hang");
      disk.hang(true);
      SSEEvent first = event();
      SSEEvent second = event();
      var inStore = log.append(List.of(first));
      var waiting = log.append(List.of(second));
      await().until(() -> !log.health().isOk());
      assertThat(inStore.toCompletableFuture().join()).isInstanceOf(PublishOutcome.Waiting.class);
      assertThat(waiting.toCompletableFuture().join()).isInstanceOf(PublishOutcome.Waiting.class);
      disk.hang(false);
      settle();
      long newest = log.state().newest();
      record(log.state().idAt(newest - 1), first);
      record(log.state().idAt(newest), second);
    }

    /** More publishers than there is room for, some of them interrupted: each waits, and none loses anything. */
    private void crowd() throws InterruptedException {
      say("crowd");
      Map<EventId, SSEEvent> stored = new ConcurrentHashMap<>();
      List<Thread> publishers = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        List<SSEEvent> events = List.of(event(), event(), event());
        boolean interrupted = random.nextBoolean();
        publishers.add(new Thread(() -> {
          for (SSEEvent event : events) {
            if (interrupted) {
              Thread.currentThread().interrupt();
            }
            var outcome = log.append(List.of(event)).toCompletableFuture().join();
            if (outcome instanceof PublishOutcome.Durable durable
                && Thread.interrupted() == interrupted) {
              stored.put(durable.ids().get(0), event);
            }
          }
        }));
      }
      publishers.forEach(Thread::start);
      for (Thread publisher : publishers) {
        publisher.join();
      }
      assertThat(stored).hasSize(18);
      stored.entrySet().stream()
          .sorted(Comparator.comparingLong(entry -> entry.getKey().offset()))
          .forEach(entry -> record(entry.getKey(), entry.getValue()));
    }

    /** Some events cannot be read any more; subscribers get them from memory, or a reset. */
    private void damage() {
      long oldest = log.state().oldest();
      long newest = log.state().newest();
      if (newest < oldest) {
        return;
      }
      long from = oldest + random.nextInt((int) (newest - oldest + 1));
      long to = Math.min(newest, from + random.nextInt(4));
      say("damage " + from + " to " + to);
      disk.damage(from, to);
    }

    /** The disk is full for so long that more waits than may. */
    private void overflow() throws ExecutionException, InterruptedException {
      say("overflow");
      disk.full(true);
      List<SSEEvent> fired = new ArrayList<>();
      for (int i = 0; i < 4 + random.nextInt(4); i++) {
        fired.add(event());
        var unused = log.append(List.of(fired.get(i)));
      }
      await().until(() -> !log.health().isOk());
      assertThat(log.health().pending()).isEqualTo(4);
      disk.full(false);
      long expected = (truth.isEmpty() ? 0 : truth.lastKey()) + fired.size();
      await().until(() -> log.state().newest() >= expected);
      settle();
      long newest = log.state().newest();
      assertThat(newest).as("what is lost has offsets").isEqualTo(expected);
      for (int i = 0; i < fired.size(); i++) {
        truth.put(newest - fired.size() + 1 + i, i < 4 ? fired.get(i).toString() : "lost");
      }
    }

    private void settle() {
      await().until(() -> log.health().isOk() && log.health().pending() == 0);
    }

    private static List<EventId> durable(CompletionStage<PublishOutcome> stage)
        throws ExecutionException, InterruptedException {
      return ((PublishOutcome.Durable)
              stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).get())
          .ids();
    }

    String story() {
      return script.toString();
    }

    private void say(String what) {
      script.add(what);
      counts.merge(what.split(" ", -1)[0], 1, Integer::sum);
    }

    @Override
    public void close() {
      stop();
      notifier.close();
    }

    /** What runs in a browser: a cursor, what it has seen since the last reset, and a stream or polling. */
    private final class Application {
      private final EventFilter filter;
      private String cursor;
      private long offset = -1;
      private int read;
      private ScriptedOutput stream;
      private Subscriber subscriber;

      /** What the log was when its cursor was given; another one after a copy was put back, or the tail was lost. */
      private TreeMap<Long, String> world;

      Application(EventFilter filter) {
        this.filter = filter;
        if (random.nextInt(4) == 0) {
          cursor = random.nextBoolean() ? "garbage" : "ffffffff-" + random.nextInt(50);
        }
        subscribe();
      }

      void act() {
        switch (random.nextInt(6)) {
          case 0 -> disconnect();
          case 1 -> poll();
          case 2, 3 -> subscribe();
          default -> {
            if (stream != null) {
              stream.takeWrites(random.nextInt(4));
            }
          }
        }
      }

      void disconnect() {
        if (stream != null) {
          subscriber.close();
          flushWorker();
          read();
          stream = null;
        }
      }

      void subscribe() {
        disconnect();
        say(cursor == null ? "subscribe" : "resume " + cursor);
        stream = new ScriptedOutput();
        read = 0;
        subscriber = Engine.subscriber(++numbers, log.state(), cursor, filter);
        subscriber.output(stream);
        subscriber.servedBy(worker);
        stream.onWritable(subscriber::onWritable);
        stream.start();
        if (random.nextBoolean()) {
          stream.takeEverything();
        }
      }

      private void flushWorker() {
        worker.snapshots().orTimeout(10, TimeUnit.SECONDS).join();
      }

      /** Takes over what was written to it meanwhile. */
      void read() {
        if (stream == null) {
          return;
        }
        assertThat(stream.violations()).isEmpty();
        List<Frame0> frames = Frame0.all(stream.text());
        for (Frame0 frame : frames.subList(read, frames.size())) {
          switch (frame.name()) {
            case "hello" -> hello(frame);
            case "reset" -> reset(frame.id(), frame.data());
            case "event" -> event(frame.id(), frame.data());
            case "skip" -> skip(frame.id(), frame.data());
            case "keepalive", "status", "drain" ->
              assertThat(frame.offset()).as("at the cursor: " + frame).isEqualTo(offset);
            default -> throw new AssertionError("unknown frame " + frame);
          }
        }
        read = frames.size();
      }

      private void hello(Frame0 hello) {
        if (cursor == null) {
          offset = hello.offset();
          cursor = hello.id();
          world = truth;
        } else {
          // The id of hello never moves a cursor: if it is echoed it is the same, else it is bad.
          assertThat(hello.id()).isIn(cursor, EventId.UNKNOWN.toString());
        }
      }

      @SuppressWarnings("ReferenceEquality") // A world is the map itself, not what is in it.
      private void reset(String id, String data) {
        count("reset " + data.replaceAll(".*\"reason\":\"(\\w+)\".*", "$1"));
        long to = EventId.parse(id).orElseThrow().offset();
        boolean bad = data.contains("unknown_epoch") || data.contains("ahead");
        if (bad) {
          assertThat(inAnotherWorld()).as("a good cursor is continued: " + data).isTrue();
        } else {
          assertThat(to).as("only what is gone is announced").isGreaterThan(offset);
          long from = to - Long.parseLong(data.replaceAll(".*\"missed\":(\\w+).*", "$1"));
          assertThat(from).as("what came before is delivered or hidden").isEqualTo(offset);
        }
        offset = to;
        cursor = id;
        world = truth;
      }

      private void event(String id, String json) {
        count("event");
        long at = EventId.parse(id).orElseThrow().offset();
        assertThat(at).as("in order, once: after " + offset).isEqualTo(offset + 1);
        // After a fork the log may go on with other events only if it said so.
        assertThat(json).isEqualTo(truthOf(at));
        assertThat(filter.takes(headerOf(at))).as("may see " + at).isTrue();
        noFork();
        offset = at;
        cursor = id;
      }

      private void skip(String id, String data) {
        count("skip");
        long at = EventId.parse(id).orElseThrow().offset();
        assertThat(data).isEqualTo("{\"from\":" + (offset + 1) + ",\"to\":" + at + "}");
        assertThat(at).isGreaterThan(offset);
        noneBetween(offset, at);
        noFork();
        offset = at;
        cursor = id;
      }

      private void noneBetween(long from, long through) {
        for (long offset = from + 1; offset <= through; offset++) {
          assertThat(filter.takes(headerOf(offset)))
              .as("left out " + offset + " " + headerOf(offset) + " after " + from)
              .isFalse();
        }
      }

      @SuppressWarnings(
          "ReferenceEquality") // A log that was put back is another, whatever is in it.
      private boolean inAnotherWorld() {
        return world != truth;
      }

      /** Goes on without a reset: then all that it has seen must be in the log as it is now. */
      @SuppressWarnings("ReferenceEquality") // As above.
      private void noFork() {
        if (inAnotherWorld()) {
          assertThat(world.headMap(offset, true))
              .as("a log that was put back is not taken for the one it was before")
              .isEqualTo(truth.headMap(offset, true));
        }
        world = truth;
      }

      void poll() {
        disconnect();
        say("poll " + cursor);
        for (boolean more = true; more; ) {
          Replay replay = log.state().replay(cursor);
          if (replay.kind() == Replay.Kind.NONE) {
            offset = replay.after();
            cursor = replay.helloId().toString();
            world = truth;
            return;
          }
          Page page = page(replay);
          // Both, if the log was trimmed between the two looks.
          for (Reset reset : Arrays.asList(replay.reset(), page.reset())) {
            if (reset != null) {
              reset(reset.id().toString(), reset.toJson());
            }
          }
          Deque<Skip> skipped = new ArrayDeque<>(page.skipped(replay.after()));
          for (LoggedEvent event : page.events()) {
            skipBefore(event.offset(), skipped);
            event(event.id().toString(), event.jsonText());
          }
          skipBefore(Long.MAX_VALUE, skipped);
          assertThat(offset).as("nothing is left out").isEqualTo(page.through());
          more = page.more() && random.nextInt(5) > 0;
        }
      }

      private void skipBefore(long next, Deque<Skip> skipped) {
        if (!skipped.isEmpty() && skipped.peek().from() < next) {
          Skip skip = skipped.remove();
          String data = "{\"from\":" + skip.from() + ",\"to\":" + skip.to() + "}";
          skip(log.state().idAt(skip.to()).toString(), data);
        }
      }

      private Page page(Replay replay) {
        for (int attempt = 0; ; attempt++) {
          try {
            return log.read(replay.after(), filter, 1 + random.nextInt(10), 1 << 20);
          } catch (LogUnavailableException e) {
            assertThat(attempt).as("cannot be read: " + e.getMessage()).isLessThan(20);
            settle();
          }
        }
      }

      /** In the end everybody has everything. */
      void catchUp() {
        if (stream == null) {
          subscribe();
        }
        stream.takeEverything();
        // Idle is not enough: a whole audience may still wait for the disk.
        await().untilAsserted(() -> {
          flushWorker();
          read();
          noneBetween(offset, log.state().newest());
        });
      }

      private void count(String what) {
        counts.merge(what, 1, Integer::sum);
      }
    }

    private String truthOf(long offset) {
      return truth.getOrDefault(offset, "never published");
    }

    private EventHeader headerOf(long offset) {
      String json = truthOf(offset);
      String type = json.replaceAll("\\{\"type\":\"(\\w+)\".*", "$1");
      return new EventHeader(offset, type, audiences.getOrDefault(json, Audience.EVERYBODY));
    }
  }

  private static ConditionFactory await() {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1));
  }

  /** A frame with its whole id. */
  private record Frame0(String name, String id, String data) {
    long offset() {
      return EventId.parse(id).orElseThrow().offset();
    }

    static List<Frame0> all(String text) {
      List<Frame0> frames = new ArrayList<>();
      List<Received> received = Received.all(text);
      int i = 0;
      for (String frame : text.split("\n\n", -1)) {
        if (!frame.isEmpty()) {
          String id = frame.replaceAll("(?s).*?(?:^|\n)id: ([^\n]*).*", "$1");
          Received next = received.get(i++);
          frames.add(new Frame0(next.isEvent() ? "event" : next.event(), id, next.data()));
        }
      }
      return frames;
    }
  }
}
