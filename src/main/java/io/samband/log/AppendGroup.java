package io.samband.log;

import io.samband.event.EventId;
import io.samband.event.PublishOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is stored with one commit, and who waits for it: gives each its offsets, tells it when they are durable, or why they
 * will not be. Belongs to the {@link Appender}.
 */
final class AppendGroup {
  private final List<PendingQueue.Append> appends;
  private final Store store;
  private final PendingQueue queue;
  private final Map<PendingQueue.Append, Long> firstOffsets = new HashMap<>();
  private List<Store.Entry> stored = List.of();
  private long firstOffset;

  AppendGroup(List<PendingQueue.Append> appends, Store store, PendingQueue queue) {
    this.appends = new ArrayList<>(appends);
    this.store = store;
    this.queue = queue;
  }

  /** More than 0: it stands for so many lost events, and for nothing else. */
  long lost() {
    return appends.isEmpty() ? 0 : appends.get(0).lost();
  }

  /** How many offsets it takes, as far as that was decided. */
  long size() {
    return lost() + stored.size();
  }

  /** What is to be stored from the first offset on, once that was decided. */
  List<Store.Entry> stored() {
    return stored;
  }

  long firstOffset() {
    return firstOffset;
  }

  /** Gives every append its first offset; a repeated publication gets the one it had, and is not stored again. */
  void number(long first) {
    firstOffset = first;
    stored = new ArrayList<>();
    firstOffsets.clear();
    Map<String, Store.Remembered> seen = new HashMap<>();
    for (PendingQueue.Append append : List.copyOf(appends)) {
      long next = first + stored.size();
      IdempotencyKey key = append.refusable ? append.entries.get(0).key() : null;
      if (key == null) {
        firstOffsets.put(append, next);
        stored.addAll(append.entries);
        continue;
      }
      Store.Remembered before = seen.get(key.value());
      if (before == null) {
        before = store.find(key).orElse(null);
      }
      if (before == null) {
        seen.put(key.value(), new Store.Remembered(next, key.bodyHash()));
        firstOffsets.put(append, next);
        stored.addAll(append.entries);
      } else if (before.bodyHash().equals(key.bodyHash())) {
        firstOffsets.put(append, before.offset());
      } else {
        drop(append, new IdempotencyConflictException(key));
      }
    }
  }

  /** Everything is durable. */
  void complete(Epochs epochs) {
    for (PendingQueue.Append append : appends) {
      if (append.lost() > 0) {
        continue;
      }
      long first = firstOffsets.get(append);
      List<EventId> ids = new ArrayList<>(append.entries.size());
      for (long offset = first; offset < first + append.entries.size(); offset++) {
        ids.add(new EventId(epochs.of(offset), offset));
      }
      append.done.complete(new PublishOutcome.Durable(ids));
      queue.settled(append);
    }
  }

  /** Nothing is durable: what may be refused leaves, the rest stays, but nobody waits for it any longer. */
  void refuse(String reason) {
    for (PendingQueue.Append append : List.copyOf(appends)) {
      if (append.refusable) {
        appends.remove(append);
        append.done.complete(new PublishOutcome.Unknown(reason));
        queue.settled(append);
      } else {
        append.done.complete(new PublishOutcome.Waiting(reason));
      }
    }
  }

  private void drop(PendingQueue.Append append, RuntimeException reason) {
    appends.remove(append);
    append.done.completeExceptionally(reason);
    queue.settled(append);
  }
}
