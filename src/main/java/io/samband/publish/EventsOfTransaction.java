package io.samband.publish;

import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.outbox.Outbox;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import java.util.ArrayList;
import java.util.List;

/** The events of one transaction, in the order in which they were fired. Used by the thread that has the transaction. */
final class EventsOfTransaction implements Synchronization {
  private static final PublishOutcome STORED = new PublishOutcome.Waiting(
      "it is in the outbox, in the database of its transaction, and is relayed from there");

  private final Outbox outbox;
  private final Publisher publisher;

  /** Those that are not in the outbox. */
  private final List<SSEEvent> events = new ArrayList<>();

  private final List<SSEEvent> stored = new ArrayList<>();
  private boolean completing;

  EventsOfTransaction(Outbox outbox, Publisher publisher) {
    this.outbox = outbox;
    this.publisher = publisher;
  }

  void add(SSEEvent event) {
    events.add(event);
    if (completing) {
      // Fired by somebody who is called later than we are, for example while JPA writes its
      // changes.
      store();
    }
  }

  /**
   * Writes all events at once, and not each when it is fired: so they get adjacent rows, one savepoint is enough, and what
   * cannot be written is still here.
   */
  @Override
  public void beforeCompletion() {
    completing = true;
    store();
  }

  private void store() {
    if (outbox.isOn() && outbox.store(events)) {
      stored.addAll(events);
      events.clear();
    }
  }

  @Override
  public void afterCompletion(int status) {
    if (status == Status.STATUS_COMMITTED) {
      committed();
    } else {
      stored.addAll(events);
      publisher.drop(stored, "its transaction was rolled back");
    }
  }

  private void committed() {
    if (!stored.isEmpty()) {
      outbox.committed();
      stored.forEach(event -> event.settle(STORED));
    }
    if (!events.isEmpty()) {
      if (outbox.isOn()) {
        outbox.bypassed(events.size());
      }
      publisher.publish(events);
    }
  }
}
