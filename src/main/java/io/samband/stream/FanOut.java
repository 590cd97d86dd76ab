package io.samband.stream;

import io.samband.log.TypeFilter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Decides who is written to next, and what: the idle by audience, those that have more to come one by one, in turns, and
 * those behind the ring with pages of the log.
 *
 * <p>Belongs to one {@link FanOutWorker}: everything here happens in its thread.
 */
final class FanOut {
  /** Why so little: what a socket does not take is held in memory until it does, once per stalled subscriber. */
  static final int MAX_WRITE_BYTES = 32 * 1024;

  /** Writes to one subscriber in a row, before the others have their turn. */
  private static final int MAX_WRITES_IN_A_ROW = 8;

  /** Told of a subscriber whose output is broken. */
  interface Broken {
    void broken(Subscriber subscriber, Exception cause);
  }

  /** A write to a subscriber that is idle. */
  interface Write {
    void to(Subscriber subscriber) throws IOException;
  }

  private final FrameRing ring;
  private final PageReader reader;
  private final Consumer<Runnable> inWorker;
  private final Broken broken;
  private final WorkerCounters counters;

  private final Map<TypeFilter, Audience> audiences = new HashMap<>();

  // Those with more to come, and those that wait for their audience.
  private List<Subscriber> ready = new ArrayList<>();
  private final List<Subscriber> ahead = new ArrayList<>();
  private long now = System.nanoTime();

  /**
   * @param inWorker runs what a page reader brings in the worker's thread
   */
  FanOut(
      FrameRing ring,
      PageReader reader,
      Consumer<Runnable> inWorker,
      Broken broken,
      WorkerCounters counters) {
    this.ring = ring;
    this.reader = reader;
    this.inWorker = inWorker;
    this.broken = broken;
    this.counters = counters;
  }

  /** What is written from now on is written at this time, of {@link System#nanoTime}. */
  void at(long nanos) {
    now = nanos;
  }

  /** The output of a subscriber takes bytes again. */
  void writable(Subscriber subscriber) {
    subscriber.isFull = false;
    if (subscriber.state == Subscriber.State.BLOCKED) {
      subscriber.state = Subscriber.State.READY;
      ready.add(subscriber);
    }
  }

  /** A subscriber is gone. */
  void leave(Subscriber subscriber) {
    if (subscriber.state == Subscriber.State.IDLE) {
      audiences.get(subscriber.filter).remove(subscriber);
    }
  }

  /** Everything new to everybody who is idle. */
  void serveIdle() {
    long newest = ring.newest();
    for (Audience audience : audiences.values()) {
      while (audience.cursor < newest && !audience.replaying) {
        Batch batch = next(audience);
        if (batch == null) {
          break;
        }
        deliver(audience, batch);
      }
    }
    ready.addAll(ahead);
    ahead.clear();
  }

  private Batch next(Audience audience) {
    if (audience.page != null) {
      Batch page = audience.page;
      audience.page = null;
      return page;
    }
    Batch batch = ring.after(audience.cursor, audience.filter, MAX_WRITE_BYTES);
    if (batch == null && audience.isEmpty()) {
      audience.cursor = ring.newest();
    } else if (batch == null) {
      audience.replaying = true;
      reader.read(
          audience.cursor,
          audience.filter,
          audience.get(0).controls,
          () -> true,
          page -> inWorker.accept(() -> {
            audience.replaying = false;
            audience.page = page;
          }));
    }
    return batch;
  }

  private void deliver(Audience audience, Batch batch) {
    audience.cursor = batch.through();
    if (batch.isEmpty()) {
      return;
    }
    counters.written(batch, audience.size());
    // From the last to the first: who leaves is replaced by one that was served already.
    for (int i = audience.size() - 1; i >= 0; i--) {
      Subscriber subscriber = audience.get(i);
      attempt(subscriber, each -> each.write(batch, now));
    }
  }

  /** Writes to an idle subscriber, which then stays idle, or waits for its client, or is gone. */
  private void attempt(Subscriber subscriber, Write write) {
    try {
      write.to(subscriber);
      if (!subscriber.isReady()) {
        audiences.get(subscriber.filter).remove(subscriber);
        block(subscriber);
      }
    } catch (IOException | RuntimeException e) {
      broken.broken(subscriber, e);
    }
  }

  private void block(Subscriber subscriber) {
    subscriber.state = Subscriber.State.BLOCKED;
    subscriber.blockedSinceNanos = now;
  }

  /** One turn for those with more to come; whether they want another. */
  boolean serveReady() {
    if (ready.isEmpty()) {
      return false;
    }
    List<Subscriber> turn = ready;
    ready = new ArrayList<>();
    for (Subscriber subscriber : turn) {
      if (subscriber.state == Subscriber.State.READY) {
        serve(subscriber);
      }
    }
    return !ready.isEmpty();
  }

  private void serve(Subscriber subscriber) {
    try {
      for (int writes = 0; writes < MAX_WRITES_IN_A_ROW; writes++) {
        if (subscriber.isFull || !subscriber.isReady()) {
          block(subscriber);
          return;
        }
        Batch batch = next(subscriber);
        if (batch == null) {
          return;
        }
        if (!batch.isEmpty() || !subscriber.isGreeted()) {
          subscriber.write(batch, now);
          counters.written(batch, 1);
        } else {
          subscriber.cursor = batch.through();
          if (subscriber.cursor >= ring.newest()) {
            settle(subscriber);
            return;
          }
        }
      }
      ready.add(subscriber);
    } catch (IOException | RuntimeException e) {
      broken.broken(subscriber, e);
    }
  }

  /** What a subscriber that stands alone gets next, or null if the disk must be asked first. */
  private Batch next(Subscriber subscriber) {
    if (subscriber.page != null) {
      Batch page = subscriber.page;
      subscriber.page = null;
      return page;
    }
    Batch batch = ring.after(subscriber.cursor, subscriber.filter, MAX_WRITE_BYTES);
    if (batch == null && !subscriber.isGreeted()) {
      // The greeting must not wait for the disk.
      return Batch.of(List.of(), 0, 0, subscriber.cursor);
    }
    if (batch == null) {
      subscriber.state = Subscriber.State.REPLAYING;
      reader.read(
          subscriber.cursor,
          subscriber.filter,
          subscriber.controls,
          () -> !subscriber.isClosed(),
          page -> inWorker.accept(() -> resume(subscriber, page)));
    }
    return batch;
  }

  private void resume(Subscriber subscriber, Batch page) {
    if (subscriber.state == Subscriber.State.REPLAYING) {
      counters.pages++;
      subscriber.page = page;
      subscriber.state = Subscriber.State.READY;
      ready.add(subscriber);
    }
  }

  /** A subscriber that has everything joins those that take the same types. */
  private void settle(Subscriber subscriber) {
    Audience audience = audiences.computeIfAbsent(
        subscriber.filter, filter -> new Audience(filter, subscriber.cursor));
    if (audience.isEmpty() && !audience.replaying) {
      audience.page = null;
      audience.cursor = subscriber.cursor;
    }
    if (audience.cursor == subscriber.cursor) {
      audience.add(subscriber);
    } else {
      // The audience is behind, at the disk or resting: this one is served alone after its next
      // turn.
      ahead.add(subscriber);
    }
  }

  /** Where a subscriber stands: an idle one stands where its audience does. */
  long cursor(Subscriber subscriber) {
    return subscriber.state == Subscriber.State.IDLE
        ? audiences.get(subscriber.filter).cursor
        : subscriber.cursor;
  }

  /** A control frame to those that were idle for so long; it has the cursor of its audience. */
  void keepalive(long quietNanos, FrameOfCursor frameOfCursor) {
    for (Audience audience : audiences.values()) {
      byte[] frame = null;
      for (int i = audience.size() - 1; i >= 0; i--) {
        Subscriber subscriber = audience.get(i);
        if (now - subscriber.lastWriteNanos >= quietNanos) {
          if (frame == null) {
            frame = frameOfCursor.frame(subscriber.controls, audience.cursor);
          }
          byte[] bytes = frame;
          counters.keepalives++;
          attempt(subscriber, each -> each.write(bytes, now));
        }
      }
    }
    audiences.values().removeIf(audience -> audience.isEmpty() && !audience.replaying);
  }

  /** The same to one that stands alone, for it waits for the disk, or for events that it takes among many that it does not. */
  void keepalive(Subscriber subscriber, FrameOfCursor frameOfCursor) {
    try {
      boolean takes = subscriber.isReady();
      if (takes) {
        counters.keepalives++;
        subscriber.write(frameOfCursor.frame(subscriber.controls, subscriber.cursor), now);
        takes = subscriber.isReady();
      }
      if (!takes) {
        subscriber.isFull = true;
        subscriber.blockedSinceNanos = now;
      }
    } catch (IOException | RuntimeException e) {
      broken.broken(subscriber, e);
    }
  }

  /** Makes a control frame that carries a cursor. */
  interface FrameOfCursor {
    byte[] frame(ControlFrames controls, long cursor);
  }
}
