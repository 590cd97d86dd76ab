package io.samband.dispatch;

import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.web.Problem;
import jakarta.enterprise.event.Event;

/** Fires an event outside a transaction, and says in one word what became of it. */
final class Sent {
  private Sent() {}

  /**
   * Fires an event.
   *
   * @return {@code durable}, {@code waiting} or {@code unknown}
   * @throws jakarta.ws.rs.WebApplicationException 503 if it is lost
   */
  static String fire(Event<SSEEvent> push, SSEEvent event) {
    push.fire(event);
    PublishOutcome outcome = event
        .outcome()
        .toCompletableFuture()
        .getNow(new PublishOutcome.Unknown("nothing has observed it"));
    if (outcome instanceof PublishOutcome.Durable) {
      return "durable";
    }
    if (outcome instanceof PublishOutcome.Waiting) {
      return "waiting";
    }
    if (outcome instanceof PublishOutcome.Unknown) {
      return "unknown";
    }
    throw Problem.unavailable("it was not sent: too much waits already; send it again");
  }
}
