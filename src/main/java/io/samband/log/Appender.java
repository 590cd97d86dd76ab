package io.samband.log;

import io.samband.event.EventId;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The one thread that writes the log: takes what waits, stores it with one commit, tells the readers, then who waits.
 *
 * <p>When the store fails it is opened again and again until it works; what may not be refused is kept meanwhile, in order.
 */
final class Appender implements Runnable {
  /** Receives every new state of the log, with the events that led to it. */
  interface Readers {
    void advanced(LogState state, List<LoggedEvent> events);
  }

  private static final System.Logger LOG = System.getLogger(Appender.class.getName());

  /** A commit of so many events takes a few milliseconds: more would make those that wait behind wait longer. */
  private static final int MAX_GROUP = 1_000;

  private static final long MAX_GROUP_BYTES = 4 << 20;

  private static final long TICK_MILLIS = 1_000;
  static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);

  private final Store store;
  private final Retention retention;
  private final PendingQueue queue;
  private final Readers readers;
  private final Duration firstRetry;
  private LogState state;
  private long lastTickAt;
  private long newestAtTrim;

  Appender(
      Store store,
      Retention retention,
      PendingQueue queue,
      Readers readers,
      Duration firstRetry,
      LogState opened) {
    this.firstRetry = firstRetry;
    this.store = store;
    this.retention = retention;
    this.queue = queue;
    this.readers = readers;
    this.state = opened;
  }

  @Override
  public void run() {
    try {
      for (var taken = take(); taken != null; taken = take()) {
        appendInTheEnd(group(taken));
      }
    } catch (InterruptedException e) {
      // Nobody but the deployment's end interrupts this thread, and it says how much was given up.
      LOG.log(
          Level.ERROR,
          "[SSE] event log gave up pending={0,number,#}",
          queue.health().pending());
      Thread.currentThread().interrupt();
    } finally {
      // However this thread ends: without it nothing is stored any more, and all must know.
      queue.close();
      store.close();
    }
  }

  private AppendGroup group(List<PendingQueue.Append> appends) {
    return new AppendGroup(appends, store, queue);
  }

  private List<PendingQueue.Append> take() throws InterruptedException {
    return queue.take(MAX_GROUP, MAX_GROUP_BYTES, TICK_MILLIS);
  }

  // Whatever goes wrong: this thread is the log, and must not end while events can come.
  private void appendInTheEnd(AppendGroup taken) throws InterruptedException {
    AppendGroup group = taken;
    long delay = firstRetry.toMillis();
    boolean failed = false;
    while (true) {
      try {
        if (!failed || !openAgain(group)) {
          append(group);
        }
        group = group(List.of());
        maintain();
        if (failed) {
          queue.problem(null);
          LOG.log(Level.INFO, "[SSE] event log works again epoch={0}", state.epoch());
        }
        return;
      } catch (RuntimeException | Error e) {
        failed = true;
        fail(group, e);
        TimeUnit.MILLISECONDS.sleep(delay);
        delay = Math.min(delay * 2, LAST_RETRY.toMillis());
      }
    }
  }

  private void append(AppendGroup group) {
    if (group.lost() > 0) {
      loseThrough(state.newest() + group.lost());
      return;
    }
    group.number(state.newest() + 1);
    if (!group.stored().isEmpty()) {
      store.append(state.newest() + 1, group.stored());
    }
    state = state.appended(state.newest() + group.stored().size());
    publish(group);
  }

  private void publish(AppendGroup group) {
    List<LoggedEvent> events = new ArrayList<>(group.stored().size());
    for (Store.Entry entry : group.stored()) {
      long offset = group.firstOffset() + events.size();
      events.add(new LoggedEvent(
          new EventId(state.epochs().of(offset), offset), entry.type(), entry.json()));
    }
    readers.advanced(state, events);
    group.complete(state.epochs());
  }

  private void fail(AppendGroup group, Throwable failure) {
    String problem = "the event log cannot be written: " + failure.getMessage();
    queue.problem(problem);
    group.refuse(problem);
    LOG.log(
        Level.ERROR, "[SSE] {0} pending={1,number,#}", problem, queue.health().pending());
  }

  /** Whether the group turned out to be in the store after all. */
  private boolean openAgain(AppendGroup group) {
    long known = state.newest();
    LogState opened = store.open();
    boolean stored = group.size() > 0 && opened.newest() == known + group.size();
    if (stored) {
      // The commit had reached the file before the failure: storing the group again would double
      // it.
      state = opened;
      publish(group);
    } else if (opened.newest() == known) {
      state = opened;
      readers.advanced(state, List.of());
    } else {
      // The disk gave back less than it had promised. Those offsets were seen, and must never name
      // other events.
      LOG.log(
          Level.ERROR,
          "[SSE] event log lost acknowledged events newest={0,number,#} found={1,number,#}",
          known,
          opened.newest());
      state = opened;
      loseThrough(Math.max(known, opened.newest()));
    }
    return stored;
  }

  private void loseThrough(long offset) {
    store.lose(new Gap(state.newest() + 1, offset));
    LOG.log(Level.ERROR, "[SSE] events lost through={0,number,#}, subscribers are told", offset);
    state = state.with(new Gap(state.newest() + 1, offset));
    readers.advanced(state, List.of());
  }

  /** What an append need not wait for: flushing and trimming. */
  private void maintain() {
    long now = System.currentTimeMillis();
    boolean tick = Math.abs(now - lastTickAt) >= TICK_MILLIS;
    if (tick) {
      lastTickAt = now;
      store.flush();
    }
    // A look costs a few reads: not for each commit, but often enough to keep pace with the fastest
    // publishers.
    long slack = Math.min(H2Store.TRIM_STEP / 2, Math.max(1, retention.events() / 100));
    if (tick || state.newest() - newestAtTrim >= slack) {
      newestAtTrim = state.newest();
      trim(now);
    }
  }

  private void trim(long now) {
    long target = store.trimTarget(state, retention, now);
    if (target >= state.oldest()) {
      // Readers first: who looks between the two sees a reset, not a hole.
      state = state.trimmed(target + 1);
      readers.advanced(state, List.of());
      store.trim(target);
    }
  }
}
