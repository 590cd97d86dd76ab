package io.samband.presence;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** A store that counts what it is asked for, and whose node can be cut off from it, or miss its answers. */
final class CountingStore implements PresenceStore {
  private final PresenceStore store;
  final AtomicLong publications = new AtomicLong();
  final AtomicLong changes = new AtomicLong();
  final AtomicLong published = new AtomicLong();
  final AtomicLong changesRead = new AtomicLong();
  final AtomicLong reads = new AtomicLong();
  volatile boolean cutOff;

  /** The store does what it is asked to change, and the node is not told. */
  volatile boolean losesAnswers;

  CountingStore(PresenceStore store) {
    this.store = store;
  }

  private void check() {
    if (cutOff) {
      throw new PresenceUnavailableException("cut off", null);
    }
  }

  private void checkAnswer() {
    if (losesAnswers) {
      throw new PresenceUnavailableException("no answer", null);
    }
  }

  @Override
  public boolean renew(String cursor, long version) {
    check();
    boolean kept = store.renew(cursor, version);
    checkAnswer();
    return kept;
  }

  @Override
  public void publish(long version, List<Change> some) {
    check();
    publications.incrementAndGet();
    changes.addAndGet(some.size());
    some.forEach(
        change -> published.addAndGet(change.json() == null ? 0 : change.json().length()));
    store.publish(version, some);
    checkAnswer();
  }

  @Override
  public Reading read(Map<String, Long> seen) {
    check();
    Reading reading = store.read(seen);
    reads.incrementAndGet();
    reading.nodes().forEach(node -> changesRead.addAndGet(node.changes().size()));
    return reading;
  }

  @Override
  public void tidy(long version) {
    check();
    store.tidy(version);
  }

  @Override
  public void leave() {
    check();
    store.leave();
  }

  @Override
  public void close() {
    store.close();
  }
}
