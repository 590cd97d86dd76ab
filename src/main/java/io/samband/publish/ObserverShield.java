package io.samband.publish;

import io.samband.event.SSEEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.EventContext;
import jakarta.enterprise.inject.spi.Extension;
import jakarta.enterprise.inject.spi.ObserverMethod;
import jakarta.enterprise.inject.spi.ProcessObserverMethod;
import java.lang.System.Logger.Level;

/**
 * Keeps what any observer of {@link SSEEvent} throws from the code that fired: CDI would hand it on, and pushing an event
 * must never break what is being reported.
 */
public class ObserverShield implements Extension {
  private static final System.Logger LOG = System.getLogger(ObserverShield.class.getName());

  void shield(@Observes ProcessObserverMethod<SSEEvent, ?> found) {
    ObserverMethod<SSEEvent> observer = found.getObserverMethod();
    found
        .configureObserverMethod()
        .notifyWith((EventContext<SSEEvent> context) -> notify(observer, context));
  }

  private static void notify(ObserverMethod<SSEEvent> observer, EventContext<SSEEvent> context) {
    try {
      observer.notify(context);
    } catch (RuntimeException e) {
      LOG.log(
          Level.ERROR,
          "[SSE] an observer failed class=" + observer.getBeanClass().getName() + " type="
              + context.getEvent().type(),
          e);
    }
  }
}
