package io.samband.stream;

import io.samband.log.EventFilter;
import io.samband.log.LogHealth;
import io.samband.log.LogState;
import io.samband.stream.fanout.Owner;
import io.samband.stream.fanout.Subscriber;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.SseEventSink;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A subscriber as the standard API sees it: what {@link EventLogBroadcaster} registers and tells its listeners of. */
final class StreamSink extends Subscriber implements SseEventSink {
  private final LogState admitted;

  /**
   * @param admitted the state of the log, or an earlier one, when it was decided where it begins
   */
  StreamSink(
      LogState admitted,
      Peer peer,
      Owner owner,
      EventFilter filter,
      long cursor,
      byte[] greeting,
      LogHealth.Status told,
      Duration lifetime) {
    super(peer, owner, filter, cursor, greeting, told, lifetime);
    this.admitted = admitted;
  }

  LogState admitted() {
    return admitted;
  }

  /** Refused: an event that is not in the log could not be replayed and would break the order. Broadcast it instead. */
  @Override
  public CompletionStage<?> send(OutboundSseEvent event) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException(
        "an event for one subscriber is in no log and cannot be replayed; broadcast it"));
  }
}
