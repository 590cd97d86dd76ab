package io.samband.log.pending;

import io.samband.event.EventId;
import io.samband.event.PublishOutcome;
import io.samband.log.Entry;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/** Events to append together, and what their publisher waits for. Guarded by the lock of {@link PendingQueue}. */
final class Publication {
  final List<Entry> entries;

  /** Whether it may be refused (HTTP, outbox), or waits in memory while the log fails (modules). */
  final boolean refusable;

  final long bytes;

  /** When it came. */
  final long sinceNanos = System.nanoTime();

  final CompletableFuture<PublishOutcome> outcome = new CompletableFuture<>();

  /** Opened when the publisher need not wait for room any longer. */
  final CountDownLatch leftLine = new CountDownLatch(1);

  /** Not 0: this stands for so many lost events, and has no entries. */
  int lost;

  Publication(List<Entry> entries, boolean refusable) {
    this.entries = entries;
    this.refusable = refusable;
    this.bytes = entries.stream().mapToLong(entry -> entry.json().length).sum();
  }

  static Publication ofLost(int events) {
    var publication = new Publication(List.of(), false);
    publication.lost = events;
    return publication;
  }

  int size() {
    return entries.size();
  }

  /** It is stored: tells its publisher the ids. */
  void stored(List<EventId> ids) {
    outcome.complete(new PublishOutcome.Durable(ids));
  }
}
