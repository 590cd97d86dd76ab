package io.samband.publish;

import io.samband.event.EventId;
import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.log.EventLog;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger.Level;
import java.util.List;

/** Hands events that modules fire to the log, and tells each event what became of it. */
@ApplicationScoped
public class Publisher {
  private static final System.Logger LOG = System.getLogger(Publisher.class.getName());

  @Inject
  private EventLog log;

  /** Publishes events of this node, in their order, as one batch. Never throws: a failure here must not break the code that fired. */
  void publish(List<SSEEvent> events) {
    PublishOutcome outcome = append(events);
    if (outcome instanceof PublishOutcome.Durable durable) {
      List<EventId> ids = durable.ids();
      for (int i = 0; i < events.size(); i++) {
        events.get(i).settle(new PublishOutcome.Durable(List.of(ids.get(i))));
      }
    } else {
      LOG.log(
          Level.WARNING,
          "[SSE] not durable events={0,number,#} type={1} outcome={2}",
          events.size(),
          events.get(0).type(),
          outcome);
      events.forEach(event -> event.settle(outcome));
    }
  }

  // The log has the only time limit, and keeps it: nothing here waits longer than it says.
  private PublishOutcome append(List<SSEEvent> events) {
    try {
      return log.append(events).toCompletableFuture().join();
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "[SSE] events were not published count=" + events.size(), e);
      return new PublishOutcome.Lost("an error of the event log: " + e);
    }
  }

  /** The events will never be published. */
  void drop(List<SSEEvent> events, String reason) {
    if (!events.isEmpty()) {
      LOG.log(
          Level.INFO,
          "[SSE] not published events={0,number,#} type={1} reason={2}",
          events.size(),
          events.get(0).type(),
          reason);
      events.forEach(event -> event.settle(new PublishOutcome.Refused(reason)));
    }
  }
}
