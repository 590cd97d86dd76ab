package io.samband.log.h2;

import io.samband.event.EventId;
import io.samband.log.EventFilter;
import io.samband.log.EventLog;
import io.samband.log.Gap;
import io.samband.log.LogEngine;
import io.samband.log.LogState;
import io.samband.log.LogUnavailableException;
import io.samband.log.PageBuilder;
import io.samband.log.Retention;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.h2.Driver;

/** The embedded engine. */
public final class H2Engine implements LogEngine {
  private static final System.Logger LOG = System.getLogger(H2Engine.class.getName());

  /** A page of the file has at least so many rows, unless they are large; then a look costs more, and is as rare. */
  private static final int LOOK_STEP = 16;

  private interface Change<T> {
    T by(H2Writer writer) throws SQLException;
  }

  private final H2File file;
  private final boolean sync;
  private final H2Reader reader;
  private final Trimming trimming;
  private final LogClock clock;

  // Readers change it, too: when they find damage.
  private final Object changing = new Object();
  private volatile LogState state;
  private volatile long unreadable;

  /** All that were ever found, those that are in the file first. */
  private volatile List<Gap> damages = List.of();

  private EventLog.Follower follower;
  private H2Writer writer;
  private NumberedBatch last;

  /**
   * @param dir made if missing
   * @param sync whether each commit is also flushed to the device; else {@link #maintain} does it about once a second
   */
  public H2Engine(Path dir, boolean sync, Retention retention) {
    this(dir, sync, retention, new LogClock());
  }

  H2Engine(Path dir, boolean sync, Retention retention, LogClock clock) {
    this.clock = clock;
    this.file = new H2File(dir, sync);
    this.sync = sync;
    this.reader = new H2Reader(file);
    this.trimming = new Trimming(retention);
  }

  @Override
  public LogState open(long known, EventLog.Follower newFollower) {
    letGo();
    follower = newFollower;
    try {
      file.check();
      writer = new H2Writer(file.connect(), sync, clock);
      LogState opened = writer.begin(known);
      List<Gap> found = new ArrayList<>(writer.damages());
      synchronized (changing) {
        damages.stream().filter(damage -> !found.contains(damage)).forEach(found::add);
        damages = List.copyOf(found);
        for (Gap gap : state == null ? List.<Gap>of() : state.gaps()) {
          // What was found damaged and could not be recorded yet.
          opened = opened.with(gap);
        }
        state = opened;
      }
      if (last != null) {
        last = last.afterReopening(writer.newestFound());
      }
      reader.open();
      return opened;
    } catch (SQLException e) {
      letGo();
      throw file.refusal(e);
    } catch (RuntimeException | Error e) {
      letGo();
      throw e;
    }
  }

  @Override
  public LogState state() {
    return state;
  }

  @Override
  public List<EventId> append(Batch batch) {
    if (last == null || !last.isOf(batch)) {
      last = guarded("number", by -> NumberedBatch.of(batch, state, by));
    }
    if (!last.isStored) {
      guarded("append", by -> by.append(last));
      last.isStored = true;
    }
    if (!last.isTold) {
      tell(last);
    }
    return last.ids();
  }

  /** The batch is stored: whatever is thrown from here on, a repeat of the batch begins here. */
  private void tell(NumberedBatch batch) {
    synchronized (changing) {
      LogState stored = state.appended(Math.max(state.newest(), batch.newest()));
      state = batch.gap() == null ? stored : stored.with(batch.gap());
    }
    var events = batch.events();
    batch.isTold = true;
    if (batch.grows()) {
      follower.advanced(events, batch.newest());
    }
  }

  @Override
  public Scan read(long after, long through, EventFilter filter, int limit, int maxBytes) {
    var page = new PageBuilder(after, filter, limit, maxBytes);
    Gap damaged = reader.read(page, through, state.epochs());
    if (damaged != null) {
      damaged(damaged);
    }
    return page.scan();
  }

  private void damaged(Gap gap) {
    synchronized (changing) {
      List<Gap> more = new ArrayList<>(damages);
      more.add(gap);
      damages = List.copyOf(more);
      long before = state.gaps().stream().mapToLong(Gap::size).sum();
      LogState next = state.with(new Gap(gap.from(), Math.min(gap.to(), state.newest())));
      long found = next.gaps().stream().mapToLong(Gap::size).sum() - before;
      state = next;
      if (found <= 0) {
        return;
      }
      unreadable += found;
    }
    LOG.log(
        Level.ERROR,
        "[SSE] events cannot be read, the file is damaged from={0,number,#} to={1,number,#}."
            + " Subscribers that need them get a reset. Check the disk",
        gap.from(),
        gap.to());
  }

  @Override
  public void maintain(boolean tick) {
    guarded("record damage", by -> by.record(damages));
    if (tick) {
      guarded("flush", H2Writer::flush);
    }
    if (trimming.isDue(tick, state)) {
      trim();
    }
  }

  private void trim() {
    long oldest = state.oldest();
    try {
      long target = guarded("find what to trim", by -> trimming.target(state, by));
      if (target < oldest) {
        return;
      }
      long beside = Math.min(state.newest(), target + Untouchable.ROWS_BESIDE);
      guarded("look ahead", by -> by.damage(target + 1, beside, LOOK_STEP, damages))
          .ifPresent(this::damaged);
      // Readers first: one that looks between the two sees a reset, not missing rows.
      synchronized (changing) {
        state = state.trimmed(target + 1);
      }
      guarded("trim", by -> by.trim(oldest, target, Untouchable.around(damages)));
    } catch (LogUnavailableException e) {
      if (!Damage.is(e.getCause())) {
        throw e;
      }
      trimBesideDamage(oldest);
    }
  }

  /** What cannot be read cannot be removed either. The rows stay in the file; the next trim leaves them alone. */
  private void trimBesideDamage(long oldest) {
    long gone = state.oldest() - 1;
    guarded("trim", by -> by.trimOnPaper(gone));
    long from = gone >= oldest ? oldest : guarded("find damage", by -> by.lookedAt());
    long through = Math.max(from, gone);
    guarded("find damage", by -> by.damage(from, through, 1, damages)).ifPresent(this::damaged);
  }

  @Override
  public long unreadable() {
    return unreadable;
  }

  @Override
  public void close() {
    letGo();
    // The driver has registered itself for the whole JVM, and would keep the deployment that
    // brought it in memory after its end.
    if (Driver.class.getClassLoader() == H2Engine.class.getClassLoader()) {
      Driver.unload();
    }
  }

  private void letGo() {
    reader.letGo();
    H2Writer past = writer;
    writer = null;
    if (past != null) {
      past.close();
    }
  }

  private <T> T guarded(String what, Change<T> change) {
    if (writer == null) {
      throw new LogUnavailableException("cannot " + what + ": the event log is closed");
    }
    try {
      return change.by(writer);
    } catch (SQLException | IllegalStateException e) {
      throw new LogUnavailableException("cannot " + what + ": " + e.getMessage(), e);
    }
  }
}
