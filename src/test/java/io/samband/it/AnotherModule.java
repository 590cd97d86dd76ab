package io.samband.it;

import io.samband.event.SSEEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.util.concurrent.atomic.AtomicInteger;

/** A module that observes our events too, and fails at one of them. */
@ApplicationScoped
public class AnotherModule {
  static final String POISON = "poison";

  private final AtomicInteger seen = new AtomicInteger();

  void first(@Observes @Priority(Interceptor.Priority.LIBRARY_BEFORE) SSEEvent event) {
    fail(event);
  }

  void last(@Observes @Priority(Interceptor.Priority.LIBRARY_AFTER) SSEEvent event) {
    fail(event);
  }

  public int seen() {
    return seen.get();
  }

  private void fail(SSEEvent event) {
    if (event.type().equals(POISON)) {
      seen.incrementAndGet();
      throw new IllegalStateException("meant: this module fails at everything");
    }
  }
}
