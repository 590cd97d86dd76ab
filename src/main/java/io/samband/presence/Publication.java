package io.samband.presence;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Metrics;
import io.samband.presence.PresenceStore.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What this node has published of its streams, and what it has to publish. Used by one thread. */
final class Publication {
  /** About 500 kB: as much as a server should get at once. */
  private static final int CHANGES_AT_ONCE = 2_000;

  private final PresenceStore store;
  private final Counter changes = Metrics.counter("samband.presence.changes");

  // Null for a stream of which it is unknown what the store has.
  private final Map<Long, PresentStream> published = new HashMap<>();
  private long version;

  Publication(PresenceStore store) {
    this.store = store;
  }

  /** Renews the lease. If the store may have nothing of it, all of it is published anew. */
  void renew(String cursor) {
    version++;
    boolean kept;
    try {
      kept = store.renew(cursor, version);
    } catch (RuntimeException e) {
      // The lease may have begun, which removed all streams, or been kept with them.
      published.replaceAll((id, stream) -> null);
      throw e;
    }
    if (!kept) {
      published.clear();
    }
  }

  long version() {
    return version;
  }

  /** Publishes what has changed; what fails is tried again by the next call. */
  void publish(Map<Long, PresentStream> streams) {
    List<Change> changed = changed(streams);
    for (int from = 0; from < changed.size(); from += CHANGES_AT_ONCE) {
      List<Change> some = changed.subList(from, Math.min(changed.size(), from + CHANGES_AT_ONCE));
      version++;
      // Until there is an answer: a new stream may end before the next call, and is in the store.
      some.forEach(change -> published.put(change.id(), null));
      store.publish(version, some);
      for (Change change : some) {
        if (change.json() == null) {
          published.remove(change.id());
        } else {
          published.put(change.id(), streams.get(change.id()));
        }
      }
      changes.increment(some.size());
    }
  }

  private List<Change> changed(Map<Long, PresentStream> streams) {
    List<Change> changed = new ArrayList<>();
    // New ones first: a client that has moved within this node is never absent.
    streams.forEach((id, stream) -> {
      if (!stream.equals(published.get(id))) {
        changed.add(new Change(id, StreamJson.write(stream)));
      }
    });
    for (long id : published.keySet()) {
      if (!streams.containsKey(id)) {
        changed.add(new Change(id, null));
      }
    }
    return changed;
  }
}
