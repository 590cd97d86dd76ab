package io.samband.publish;

import io.samband.event.SSEEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Inject;
import jakarta.interceptor.Interceptor;
import java.lang.System.Logger.Level;
import java.util.List;

/**
 * Takes the events that modules fire: now, or with their transaction, after the commit. Never throws into the code that
 * fired.
 */
@ApplicationScoped
public class EventObserver {
  private static final System.Logger LOG = System.getLogger(EventObserver.class.getName());

  @Inject
  private Publisher publisher;

  @Inject
  private CurrentTransaction transaction;

  // Before the observers of other modules: one of those that threw would keep the event from the
  // rest.
  void fired(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) SSEEvent event) {
    try {
      if (!transaction.collect(event)) {
        publisher.publish(List.of(event));
      }
    } catch (Throwable e) { // Whatever is wrong in here must not break the code that fired.
      LOG.log(Level.ERROR, "[SSE] event was not published type=" + event.type(), e);
    }
  }

  /** Outside of any transaction and without an order, as {@code fireAsync} is. */
  void firedAsync(@ObservesAsync SSEEvent event) {
    try {
      publisher.publish(List.of(event));
    } catch (Throwable e) { // As above: `fireAsync` reports it to the code that fired.
      LOG.log(Level.ERROR, "[SSE] event was not published type=" + event.type(), e);
    }
  }
}
