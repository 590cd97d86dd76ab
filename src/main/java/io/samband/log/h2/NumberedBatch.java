package io.samband.log.h2;

import io.samband.event.EventId;
import io.samband.log.Entry;
import io.samband.log.Gap;
import io.samband.log.IdempotencyKey;
import io.samband.log.LogEngine.Batch;
import io.samband.log.LogState;
import io.samband.log.LoggedEvent;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A batch with the offsets that its events get, decided before it is stored; so that a batch that comes again, because its
 * outcome was unknown, is recognised and finished where it was broken off. Belongs to the thread that appends.
 */
final class NumberedBatch {
  private final Batch batch;
  private final LogState before;

  /** One for each entry of the batch. */
  private final List<EventId> ids = new ArrayList<>();

  /** Those that are new, without repeats of publications. */
  private final List<Entry> stored = new ArrayList<>();

  boolean isStored;
  boolean isTold;

  private NumberedBatch(Batch batch, LogState before) {
    this.batch = batch;
    this.before = before;
  }

  /** Gives every entry its id; a repeated publication gets the one it had. */
  static NumberedBatch of(Batch batch, LogState before, H2Writer writer) throws SQLException {
    var numbered = new NumberedBatch(batch, before);
    Map<String, H2Writer.Remembered> inBatch = new HashMap<>();
    for (Entry entry : batch.entries()) {
      IdempotencyKey key = entry.key();
      long next = numbered.newest() + 1;
      if (key == null) {
        numbered.add(entry, next);
        continue;
      }
      H2Writer.Remembered known = inBatch.get(key.value());
      if (known == null) {
        known = writer.find(key);
      }
      if (known == null) {
        inBatch.put(key.value(), new H2Writer.Remembered(next, key.bodyHash()));
        numbered.add(entry, next);
      } else {
        numbered.ids.add(
            known.bodyHash().equals(key.bodyHash())
                ? numbered.id(known.offset())
                : EventId.UNKNOWN);
      }
    }
    return numbered;
  }

  private void add(Entry entry, long offset) {
    stored.add(entry);
    ids.add(id(offset));
  }

  private EventId id(long offset) {
    return new EventId(before.epochs().of(offset), offset);
  }

  /** What it is after the file was opened again: known to be stored, or, null, to be numbered anew. */
  NumberedBatch afterReopening(long newestFound) {
    if (isStored || (grows() && newestFound >= newest())) {
      isStored = true;
      return this;
    }
    return null;
  }

  boolean isOf(Batch other) {
    return batch.isSameAs(other);
  }

  List<EventId> ids() {
    return ids;
  }

  List<Entry> stored() {
    return stored;
  }

  long firstOffset() {
    return before.newest() + batch.lost() + 1;
  }

  /** The newest offset once it is stored. */
  long newest() {
    return before.newest() + batch.lost() + stored.size();
  }

  boolean grows() {
    return newest() > before.newest();
  }

  /** The offsets of the lost events before the entries, or null. */
  Gap gap() {
    return batch.lost() == 0 ? null : new Gap(before.newest() + 1, before.newest() + batch.lost());
  }

  /** What is new, for those who follow the log. */
  List<LoggedEvent> events() {
    List<LoggedEvent> events = new ArrayList<>(stored.size());
    for (Entry entry : stored) {
      EventId id = id(firstOffset() + events.size());
      events.add(new LoggedEvent(id, entry.type(), entry.audience(), entry.json()));
    }
    return events;
  }
}
