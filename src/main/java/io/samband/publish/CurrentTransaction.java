package io.samband.publish;

import io.samband.event.SSEEvent;
import jakarta.annotation.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Keeps the events of a transaction until it has committed, and forgets them if it does not. */
@ApplicationScoped
public class CurrentTransaction {
  /** Names the list of a transaction's events among the resources of that transaction. */
  private static final Object EVENTS = new Object();

  /** While it can still become a commit, and callbacks can still be registered. */
  private static final Set<Integer> COLLECTING =
      Set.of(Status.STATUS_ACTIVE, Status.STATUS_PREPARING);

  /** Nothing of it will ever be pushed. */
  private static final Set<Integer> DOOMED =
      Set.of(Status.STATUS_MARKED_ROLLBACK, Status.STATUS_ROLLING_BACK, Status.STATUS_ROLLEDBACK);

  @Resource
  private TransactionSynchronizationRegistry registry;

  @Inject
  private Publisher publisher;

  /** Takes an event if there is a transaction to wait for, or to be forgotten with. */
  boolean collect(SSEEvent event) {
    int status = registry.getTransactionStatus();
    if (!COLLECTING.contains(status)) {
      return DOOMED.contains(status);
    }
    @SuppressWarnings("unchecked") // Nobody else has the key.
    List<SSEEvent> events = (List<SSEEvent>) registry.getResource(EVENTS);
    if (events == null) {
      // One callback for all events of the transaction: containers may run several in reverse.
      events = new ArrayList<>();
      registry.registerInterposedSynchronization(new AfterCommit(events));
      registry.putResource(EVENTS, events);
    }
    events.add(event);
    return true;
  }

  private final class AfterCommit implements Synchronization {
    private final List<SSEEvent> events;

    AfterCommit(List<SSEEvent> events) {
      this.events = events;
    }

    @Override
    public void beforeCompletion() {
      // Nothing is durable yet, so there is nothing to push.
    }

    @Override
    public void afterCompletion(int status) {
      if (status == Status.STATUS_COMMITTED) {
        publisher.publish(events);
      }
    }
  }
}
