package io.samband.dispatch;

import io.samband.event.EventHistory;
import io.samband.event.EventHistory.Recorded;
import io.samband.event.EventId;
import io.samband.event.SSEEventType;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The flash messages and who has acknowledged them, made of the events alone: it is the same after a restart, and has the
 * messages of other modules, too. Thread-safe.
 *
 * <p>It keeps the newest 50, and all urgent ones that no desk has acknowledged, for as long as the events are kept.
 */
@ApplicationScoped
public class FlashBoard {
  private static final int KEPT = 50;

  /** While the log is slow, requests give up after this instead of waiting in line for one that reads. */
  private static final long WAIT_SECONDS = 5;

  private static final String MESSAGE = SSEEventType.FLASH_MESSAGE.wireName();
  private static final String ACKNOWLEDGED = SSEEventType.FLASH_ACKNOWLEDGED.wireName();

  /** A message as a page shows it. */
  public record Shown(
      String id,
      String text,
      String priority,
      String createdAt,
      List<Acknowledgement> acknowledgements) {
    public Shown {
      acknowledgements = List.copyOf(acknowledgements);
    }

    private boolean isOpen() {
      return priority.equals("high") && acknowledgements.isEmpty();
    }
  }

  /** What a page needs to begin with, and the event id to subscribe after. */
  public record Snapshot(String lastEventId, List<Shown> flashes) {
    public Snapshot {
      flashes = List.copyOf(flashes);
    }
  }

  private final Lock lock = new ReentrantLock();
  private final Map<String, Shown> byId = new LinkedHashMap<>();
  private EventHistory history;
  private EventId readThrough;
  private int forgetAt = 2 * KEPT;

  private final EventHistory.Reader reader = new EventHistory.Reader() {
    @Override
    public void restart() {
      byId.clear();
      readThrough = null;
    }

    @Override
    public void event(Recorded event) {
      apply(event);
    }
  };

  /** For the proxy of CDI. */
  protected FlashBoard() {}

  @Inject
  public FlashBoard(EventHistory history) {
    this.history = history;
  }

  /**
   * The messages, the oldest first, as they are after the event of that id.
   *
   * @throws IllegalStateException if the events cannot be read now
   */
  public Snapshot snapshot() {
    if (!isMyTurn()) {
      throw new IllegalStateException("the messages are still being read from the event log");
    }
    try {
      readThrough = history.read(readThrough, Set.of(MESSAGE, ACKNOWLEDGED), reader);
      forget();
      return new Snapshot(readThrough.toString(), new ArrayList<>(byId.values()));
    } finally {
      lock.unlock();
    }
  }

  private boolean isMyTurn() {
    try {
      return lock.tryLock(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void apply(Recorded event) {
    change(event);
    // Reading may break off in the middle: it goes on behind the last event that was applied.
    readThrough = event.id();
    if (byId.size() >= forgetAt) {
      // Not only at the end, because a log may hold a million messages; and not for each event,
      // because
      // looking at all that are kept takes time.
      forget();
      forgetAt = 2 * Math.max(KEPT, byId.size());
    }
  }

  private void change(Recorded event) {
    try (var reader = Json.createReader(new StringReader(event.data()))) {
      JsonObject data = reader.readObject();
      if (event.type().equals(MESSAGE)) {
        String id = data.getString("id");
        byId.putIfAbsent(
            id,
            new Shown(
                id,
                data.getString("text"),
                data.getString("priority", "normal"),
                data.getString("createdAt"),
                List.of()));
      } else {
        acknowledge(
            data.getString("id"), new Acknowledgement(data.getString("by"), data.getString("at")));
      }
    } catch (JsonException | NullPointerException | ClassCastException e) {
      // Another program published an event of this type with data of another form.
      System.getLogger(FlashBoard.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "[SSE] not shown id={0} type={1}: its data is not of that type",
              event.id(),
              event.type());
    }
  }

  private void acknowledge(String id, Acknowledgement acknowledgement) {
    Shown shown = byId.get(id);
    if (shown == null || isBy(shown, acknowledgement.by())) {
      return;
    }
    List<Acknowledgement> all = new ArrayList<>(shown.acknowledgements());
    all.add(acknowledgement);
    byId.put(id, new Shown(id, shown.text(), shown.priority(), shown.createdAt(), all));
  }

  static boolean isBy(Shown shown, String desk) {
    return shown.acknowledgements().stream().anyMatch(one -> one.by().equals(desk));
  }

  /** Drops all but the newest, except for urgent ones that wait for an acknowledgement. */
  private void forget() {
    Iterator<Shown> oldest = byId.values().iterator();
    for (int old = byId.size() - KEPT; old > 0; old--) {
      if (!oldest.next().isOpen()) {
        oldest.remove();
      }
    }
  }
}
