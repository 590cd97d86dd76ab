package io.samband.presence;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/** For a log that no other node has: there is nobody to tell. Its lease never ends. */
public final class SingleNode implements PresenceStore {
  private final String incarnation;
  private final String name;
  private boolean begun;
  private String cursor = "";
  private Instant renewedAt = Instant.EPOCH;

  public SingleNode(String incarnation, String name) {
    this.incarnation = incarnation;
    this.name = name;
  }

  @Override
  public boolean renew(String newCursor, long version) {
    boolean before = begun;
    begun = true;
    cursor = newCursor;
    renewedAt = Instant.now();
    return before;
  }

  @Override
  public void publish(long version, List<Change> changes) {
    // Nobody reads it.
  }

  @Override
  public Reading read(Map<String, Long> seen) {
    return new Reading(
        Instant.now(),
        List.of(new PublishedNode(
            incarnation, name, cursor, renewedAt, renewedAt.plus(LEASE), 0, false, List.of())));
  }

  @Override
  public void tidy(long version) {
    // Nothing is kept.
  }

  @Override
  public void leave() {
    begun = false;
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}
