package io.samband.presence;

import io.samband.event.SubscriberArrived;
import io.samband.event.SubscriberLeft;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.util.concurrent.CompletionStage;

/**
 * Fires the events for modules. An enterprise bean, because only in its methods do containers give the threads of asynchronous
 * observers what a module needs (names, transactions), if they are called by a thread that is not theirs.
 */
@Stateless
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class PresenceEvents {
  @Inject
  private Event<SubscriberArrived> arrived;

  @Inject
  private Event<SubscriberLeft> left;

  /** Fires one; the stage completes when all observers have returned. */
  public CompletionStage<?> fire(Object event) {
    return event instanceof SubscriberArrived arrival
        ? arrived.fireAsync(arrival)
        : left.fireAsync((SubscriberLeft) event);
  }
}
