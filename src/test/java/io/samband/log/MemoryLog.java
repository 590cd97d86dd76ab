package io.samband.log;

import io.samband.event.Audience;
import io.samband.event.EventId;
import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/** An event log that a test writes by hand: no disk, trimmed when the test says so, unreadable when the test says so. */
public class MemoryLog implements EventLog {
  public static final String EPOCH = "0a0b0c0d";

  private final TreeMap<Long, LoggedEvent> events = new TreeMap<>();
  private final Map<Long, EventHeader> headers = new HashMap<>();
  private final List<Follower> followers = new ArrayList<>();
  private LogState state = new LogState(new Epochs(List.of(new Epochs.Epoch(EPOCH, 1))), 1, 0);
  private LogHealth health = new LogHealth(LogHealth.Status.OK, 0, null, 0, 0, 0, 0);
  private int failingReads;
  private Error readError;
  private Runnable duringRead = () -> {};

  /**
   * Appends events of these types, with data of so many characters.
   *
   * @param types each with an audience or without one: {@code a}, {@code a@user:kari,role:leader}
   */
  public synchronized void append(int dataLength, String... types) {
    tell(stored(dataLength, types));
  }

  /** As above, but one of the events is damaged before it was read. */
  public synchronized void appendAndDamage(long offset, int dataLength, String... types) {
    List<LoggedEvent> appended = stored(dataLength, types);
    damage(offset, offset);
    tell(appended);
  }

  private List<LoggedEvent> stored(int dataLength, String... types) {
    List<LoggedEvent> appended = new ArrayList<>();
    long newest = state.newest();
    for (String typeAndAudience : types) {
      newest++;
      String[] parts = typeAndAudience.split("@", 2);
      String type = parts[0];
      Audience audience = parts.length == 1 ? Audience.EVERYBODY : Audience.parse(parts[1]);
      // The data repeats the offset, so that a torn or misplaced frame shows itself.
      String data = (newest + ".").repeat(1 + dataLength / 4);
      byte[] json = json(type, data).getBytes(StandardCharsets.UTF_8);
      var event = new LoggedEvent(new EventId(EPOCH, newest), type, audience, json);
      events.put(newest, event);
      headers.put(newest, event.header());
      appended.add(event);
    }
    state = new LogState(state.epochs(), state.oldest(), newest, state.gaps());
    return appended;
  }

  /** Without a timestamp, which no stream looks at. */
  protected String json(String type, String data) {
    return "{\"type\":\"" + type + "\",\"data\":\"" + data + "\"}";
  }

  public synchronized void trimThrough(long offset) {
    events.headMap(offset, true).clear();
    state = new LogState(
        state.epochs(), Math.max(state.oldest(), offset + 1), state.newest(), state.gaps());
  }

  /** As many events as this are lost, and get offsets. */
  public synchronized void lose(int count) {
    long newest = state.newest() + count;
    state = state.with(new Gap(state.newest() + 1, newest));
    tell(List.of());
  }

  /** Events that were stored cannot be read any more. */
  public synchronized void damage(long from, long to) {
    events.subMap(from, true, to, true).clear();
    state = state.with(new Gap(from, to));
  }

  /**
   * The events after an offset are gone, and what is appended next gets their offsets, in a new epoch.
   *
   * @param others types of events that another node has appended meanwhile, of which nobody is told
   */
  public void rewind(long last, String epoch, String... others) {
    long newest = last + others.length;
    // Without the lock: the workers read the state before they answer.
    followers.forEach(follower -> follower.rewound(newest));
    synchronized (this) {
      events.tailMap(last, false).clear();
      state = new LogState(state.epochs().with(epoch, last + 1), state.oldest(), last);
      stored(10, others);
    }
    followers.forEach(follower -> follower.rewound(newest));
  }

  public synchronized void health(LogHealth.Status status, long sinceMillis) {
    String problem = status == LogHealth.Status.OK ? null : "the test says so";
    health = new LogHealth(status, sinceMillis, problem, 0, 0, 0, 0);
  }

  /** Of every offset that ever was; lost ones have a type that only those take who take all. */
  public synchronized EventHeader headerOf(long offset) {
    return headers.getOrDefault(offset, new EventHeader(offset, "lost", Audience.EVERYBODY));
  }

  public synchronized void failReads(int count) {
    failingReads = count;
  }

  public synchronized void failNextRead(Error error) {
    readError = error;
  }

  private void tell(List<LoggedEvent> appended) {
    followers.forEach(follower -> follower.advanced(appended, state.newest()));
  }

  @Override
  public synchronized LogState state() {
    return state;
  }

  /** What happens in the middle of a read. */
  public synchronized void duringNextRead(Runnable what) {
    duringRead = what;
  }

  @Override
  public synchronized Page read(long after, EventFilter filter, int limit, int maxBytes) {
    Runnable now = duringRead;
    duringRead = () -> {};
    now.run();
    if (readError != null) {
      Error error = readError;
      readError = null;
      throw error;
    }
    if (failingReads > 0) {
      failingReads--;
      throw new LogUnavailableException("the test says so");
    }
    Reset reset = state.resetFor(after);
    long through = reset == null ? after : reset.id().offset();
    long last = Math.max(through, state.readableThrough(through));
    List<LoggedEvent> taken = new ArrayList<>();
    int bytes = 0;
    for (LoggedEvent event : events.subMap(through, false, last, true).values()) {
      if (filter.takes(event.header())) {
        if (!taken.isEmpty() && (taken.size() == limit || bytes + event.json().length > maxBytes)) {
          break;
        }
        taken.add(event);
        bytes += event.json().length;
      }
      through = event.offset();
    }
    return new Page(reset, taken, through, through < state.newest());
  }

  @Override
  public synchronized void follow(Follower follower) {
    followers.add(follower);
    follower.advanced(List.of(), state.newest());
  }

  @Override
  public CompletionStage<PublishOutcome> append(List<SSEEvent> published) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<PublishOutcome> appendNow(SSEEvent event, IdempotencyKey key) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<PublishOutcome> appendNow(List<Entry> entries) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    // There is nothing to let go of.
  }

  @Override
  public synchronized LogHealth health() {
    return health;
  }
}
