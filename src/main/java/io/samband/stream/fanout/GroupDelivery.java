package io.samband.stream.fanout;

import io.samband.log.EventFilter;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Writes what is new to the idle subscribers, group by group: from the ring, or from a page of the log that is read once for
 * the whole group. A subscriber that is in no audience of what is new is not written to. Belongs to one worker.
 */
final class GroupDelivery {
  private final WorkerContext worker;
  private final Transitions transitions;
  private final Writes writes;
  private final Map<Set<String>, SubscriberGroup> groups = new HashMap<>();

  GroupDelivery(WorkerContext worker, Transitions transitions, Writes writes) {
    this.worker = worker;
    this.transitions = transitions;
    this.writes = writes;
  }

  Collection<SubscriberGroup> groups() {
    return groups.values();
  }

  /** One pass: everything that was new when it began. */
  void serve(long now) {
    long newest = worker.ring().newest();
    for (SubscriberGroup group : groups.values()) {
      while (group.cursor < newest && !group.replaying) {
        Window window = next(group, now);
        if (window == null) {
          break;
        }
        deliver(group, window, now);
        worker.progress().made();
      }
    }
  }

  private Window next(SubscriberGroup group, long now) {
    if (group.page != null) {
      Window page = group.page;
      group.page = null;
      return page;
    }
    Window window = worker.ring().after(group.cursor, group.filter, Batch.MAX_BYTES);
    if (window == null && group.isEmpty()) {
      group.cursor = worker.ring().newest();
    } else if (window == null) {
      read(group, now);
    }
    return window;
  }

  private void read(SubscriberGroup group, long now) {
    group.pageAskedNanos = now;
    group.replaying = true;
    // Read even if all members leave meanwhile: those that join before the page comes need it.
    worker
        .reader()
        .read(
            group.cursor,
            group.filter,
            () -> true,
            page -> worker.inWorker().accept(() -> {
              group.replaying = false;
              group.page = page;
            }));
  }

  private void deliver(SubscriberGroup group, Window window, long now) {
    group.cursor = window.through();
    if (window.isEmpty()) {
      return;
    }
    // From the last to the first: the place of one that leaves is taken by one that was served.
    for (int i = group.size() - 1; i >= 0; i--) {
      Subscriber subscriber = group.get(i);
      Batch batch = window.of(subscriber.filter, subscriber.announced);
      if (!batch.isEmpty()) {
        worker.counters().written(batch);
        writes.write(subscriber, batch, now);
      }
    }
  }

  /**
   * Takes in a subscriber that has everything.
   *
   * @return false if its group is at another cursor: it is behind, waits for a page, or rests
   */
  boolean settle(Subscriber subscriber, long now) {
    SubscriberGroup group = groups.computeIfAbsent(
        subscriber.filter.types(),
        types -> new SubscriberGroup(new EventFilter(types), subscriber.cursor));
    if (group.isEmpty() && !group.replaying) {
      group.page = null;
      group.cursor = subscriber.cursor;
    }
    if (group.cursor != subscriber.cursor) {
      return false;
    }
    transitions.settle(subscriber, group, now);
    return true;
  }

  void removeEmpty() {
    groups.values().removeIf(group -> group.isEmpty() && !group.replaying);
  }
}
