package io.samband.stream.fanout;

import io.samband.log.EventFilter;
import java.util.Arrays;

/**
 * The idle subscribers of one worker that take the same types, whatever their attributes. All of them are at the same cursor,
 * so new events are put together once for all that see the same, and written to each. Belongs to its worker.
 */
final class SubscriberGroup {
  /** The types, whatever the audience. */
  final EventFilter filter;

  long cursor;

  /** A page of the log that came for the group and is not written yet. */
  Window page;

  /** Whether a page was requested and has not come. */
  boolean replaying;

  long pageAskedNanos;

  private Subscriber[] members = new Subscriber[16];
  private int size;

  SubscriberGroup(EventFilter filter, long cursor) {
    this.filter = filter;
    this.cursor = cursor;
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  Subscriber get(int index) {
    return members[index];
  }

  void add(Subscriber subscriber) {
    if (size == members.length) {
      members = Arrays.copyOf(members, size * 2);
    }
    subscriber.group = this;
    subscriber.indexInGroup = size;
    members[size++] = subscriber;
  }

  /** O(1): the last member takes the place of the one that leaves, which keeps the group's cursor. */
  void remove(Subscriber subscriber) {
    Subscriber last = members[--size];
    members[size] = null;
    if (last != subscriber) {
      members[subscriber.indexInGroup] = last;
      last.indexInGroup = subscriber.indexInGroup;
    }
    subscriber.group = null;
    subscriber.cursor = cursor;
  }
}
