package io.samband.stream;

import io.samband.concurrent.NamedThreads;
import io.samband.log.EventLog;
import io.samband.log.LogUnavailableException;
import io.samband.log.LoggedEvent;
import io.samband.log.Page;
import io.samband.log.TypeFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Reads pages of the log for those that are behind the ring, away from the workers: a disk that is slow delays nobody but
 * who needs it. Turn by turn: whoever got a page queues again for the next.
 */
final class PageReader implements AutoCloseable {
  /** Two: while one waits for the disk another encodes. */
  private static final int THREADS = 2;

  private static final System.Logger LOG = System.getLogger(PageReader.class.getName());
  private static final int MAX_EVENTS = 1_000;
  private static final long RETRY_MILLIS = 500;

  private final EventLog log;
  private final ScheduledThreadPoolExecutor threads;

  PageReader(EventLog log) {
    this.log = log;
    this.threads = new ScheduledThreadPoolExecutor(THREADS, new NamedThreads("samband-replay"));
    threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * Reads the next page after an offset and hands it over, by a thread of this reader. While the log cannot be read it tries
   * again and again.
   *
   * @param wanted whether anybody still waits for the page
   */
  void read(
      long after,
      TypeFilter filter,
      ControlFrames controls,
      BooleanSupplier wanted,
      Consumer<Batch> taker) {
    try {
      threads.execute(() -> attempt(after, filter, controls, wanted, taker));
    } catch (RejectedExecutionException e) {
      // Only while closing, when nobody waits for pages any more.
      return;
    }
  }

  private void attempt(
      long after,
      TypeFilter filter,
      ControlFrames controls,
      BooleanSupplier wanted,
      Consumer<Batch> taker) {
    if (!wanted.getAsBoolean()) {
      return;
    }
    Batch batch;
    try {
      batch = batch(log.read(after, filter, MAX_EVENTS, FanOut.MAX_WRITE_BYTES), controls);
    } catch (RuntimeException | Error e) {
      if (!(e instanceof LogUnavailableException)) {
        LOG.log(System.Logger.Level.ERROR, "[SSE] a page of the event log cannot be read", e);
      }
      // Whatever it was: a reader that is not called back would be left behind for good.
      if (!threads.isShutdown()) {
        var unused = threads.schedule(
            () -> attempt(after, filter, controls, wanted, taker),
            RETRY_MILLIS,
            TimeUnit.MILLISECONDS);
      }
      return;
    }
    taker.accept(batch);
  }

  private static Batch batch(Page page, ControlFrames controls) {
    List<byte[]> frames = new ArrayList<>();
    int size = 0;
    if (page.reset() != null) {
      byte[] reset = controls.reset(page.reset());
      frames.add(reset);
      size += reset.length;
    }
    for (LoggedEvent event : page.events()) {
      byte[] frame = Frame.of(event).bytes();
      frames.add(frame);
      size += frame.length;
    }
    return Batch.of(frames, page.events().size(), size, page.through());
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
