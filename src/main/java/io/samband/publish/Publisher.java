package io.samband.publish;

import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.log.EventLog;
import io.samband.log.LogUnavailableException;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Appends to the log and waits, a bounded time, until that is durable. */
@ApplicationScoped
public class Publisher {
  private static final System.Logger LOG = System.getLogger(Publisher.class.getName());

  @Inject
  private EventLog log;

  @Inject
  private Settings settings;

  /** Publishes events of this node, in their order. Never throws: what cannot be stored now waits in memory. */
  void publish(List<SSEEvent> events) {
    try {
      PublishOutcome outcome = await(log.append(events));
      if (!(outcome instanceof PublishOutcome.Durable)) {
        LOG.log(
            Level.WARNING,
            "[SSE] not durable events={0,number,#} type={1} outcome={2}",
            events.size(),
            events.get(0).type(),
            outcome);
      }
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "[SSE] events were not published count=" + events.size(), e);
    }
  }

  /**
   * Waits for an append.
   *
   * @throws LogUnavailableException if it failed, or takes longer than {@code samband.publish.wait-millis}
   */
  <T> T await(CompletionStage<T> append) {
    try {
      return append
          .toCompletableFuture()
          .get(settings.number(Setting.PUBLISH_WAIT_MILLIS), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new LogUnavailableException("the event log did not answer in time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("interrupted while waiting for the event log", e);
    }
  }
}
