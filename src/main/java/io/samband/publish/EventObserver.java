package io.samband.publish;

import io.samband.event.PublishOutcome;
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
 * Takes the events that modules fire: at once, or with their transaction, after the commit. Never throws into the code that
 * fired.
 */
@ApplicationScoped
public class EventObserver {
  private static final System.Logger LOG = System.getLogger(EventObserver.class.getName());

  @Inject
  private Publisher publisher;

  @Inject
  private CurrentTransaction transaction;

  // Before the observers of other modules: if one of those throws, CDI does not call the rest.
  void fired(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) SSEEvent event) {
    try {
      if (!transaction.collect(event)) {
        publisher.publish(List.of(event));
      }
    } catch (Throwable e) { // Whatever is wrong in here must not break the code that fired.
      failed(event, e);
    }
  }

  /** Outside of any transaction and without an order, as {@code fireAsync} is. */
  void firedAsync(@ObservesAsync SSEEvent event) {
    try {
      publisher.publish(List.of(event));
    } catch (Throwable e) { // As above.
      failed(event, e);
    }
  }

  private static void failed(SSEEvent event, Throwable cause) {
    LOG.log(Level.ERROR, "[SSE] event was not published type=" + event.type(), cause);
    event.settle(new PublishOutcome.Lost("an error: " + cause));
  }
}
