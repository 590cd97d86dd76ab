package io.samband.stream;

import io.samband.log.TypeFilter;
import java.util.Arrays;

/**
 * The idle subscribers of one worker that take the same types: all stand at the same cursor, so what is new for one is new
 * for all, and is put together once. Belongs to its worker.
 */
final class Audience {
  final TypeFilter filter;
  long cursor;
  Batch page;
  boolean replaying;

  private Subscriber[] idle = new Subscriber[16];
  private int size;

  Audience(TypeFilter filter, long cursor) {
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
    return idle[index];
  }

  void add(Subscriber subscriber) {
    if (size == idle.length) {
      idle = Arrays.copyOf(idle, size * 2);
    }
    subscriber.idleIndex = size;
    subscriber.state = Subscriber.State.IDLE;
    idle[size++] = subscriber;
  }

  /** O(1): the last one takes the place of the one that leaves. */
  void remove(Subscriber subscriber) {
    Subscriber last = idle[--size];
    idle[size] = null;
    if (last != subscriber) {
      idle[subscriber.idleIndex] = last;
      last.idleIndex = subscriber.idleIndex;
    }
    subscriber.cursor = cursor;
  }
}
