package io.samband.publish;

import io.samband.event.SSEEvent;
import io.samband.outbox.Outbox;
import jakarta.annotation.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Status;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.util.List;

/**
 * Keeps the events of a transaction until it ends. With an outbox they are written to it as a part of the transaction, just
 * before that is committed; else they are published after the commit. After a rollback they are dropped.
 */
@ApplicationScoped
public class CurrentTransaction {
  /** Names a transaction's events among the resources of that transaction. */
  private static final Object EVENTS = new Object();

  @Resource
  private TransactionSynchronizationRegistry registry;

  @Inject
  private Publisher publisher;

  @Inject
  private Outbox outbox;

  /**
   * Takes an event that belongs to a transaction.
   *
   * @return false if there is no transaction whose end could be waited for: none at all, or one that is already committed
   */
  boolean collect(SSEEvent event) {
    return switch (registry.getTransactionStatus()) {
      case Status.STATUS_ACTIVE, Status.STATUS_PREPARING -> {
        add(event);
        yield true;
      }
      case Status.STATUS_MARKED_ROLLBACK, Status.STATUS_ROLLING_BACK, Status.STATUS_ROLLEDBACK -> {
        // On some servers this includes observers of the phase AFTER_FAILURE: they look like code
        // that
        // goes on after its transaction was rolled back by a timeout.
        publisher.drop(
            List.of(event),
            "its transaction is rolled back; to publish it, fire it from a new transaction");
        yield true;
      }
      default -> false;
    };
  }

  private void add(SSEEvent event) {
    EventsOfTransaction events = (EventsOfTransaction) registry.getResource(EVENTS);
    if (events == null) {
      // One callback for all events of the transaction: containers may run several in reverse.
      events = new EventsOfTransaction(outbox, publisher);
      registry.registerInterposedSynchronization(events);
      registry.putResource(EVENTS, events);
    }
    events.add(event);
  }
}
