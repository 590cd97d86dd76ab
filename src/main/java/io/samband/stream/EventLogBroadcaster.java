package io.samband.stream;

import io.samband.concurrent.Notifier;
import io.samband.event.SSEEvent;
import io.samband.log.EventLog;
import io.samband.settings.Settings;
import io.samband.stream.fanout.ConnectionInfo;
import io.samband.stream.fanout.DeliveryStats;
import io.samband.stream.fanout.EndReason;
import io.samband.stream.fanout.FanOut;
import io.samband.stream.fanout.OpenStreams;
import io.samband.stream.fanout.Subscriber;
import io.samband.web.Problem;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.SseBroadcaster;
import jakarta.ws.rs.sse.SseEventSink;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The broadcaster of this deployment: what the event log gets, every subscriber gets.
 *
 * <p>It is the {@link SseBroadcaster} that CDI injects; the containers' own ones wait for each client in turn or drop slow
 * ones. All methods may be called by any thread.
 */
@ApplicationScoped
public class EventLogBroadcaster implements SseBroadcaster {
  private final List<BiConsumer<SseEventSink, Throwable>> errorListeners =
      new CopyOnWriteArrayList<>();
  private final List<Consumer<SseEventSink>> closeListeners = new CopyOnWriteArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private EventLog log;
  private StreamAudit audit;
  private Notifier notifier;
  private FanOut fanOut;

  /** For the proxy of CDI. */
  protected EventLogBroadcaster() {}

  @Inject
  public EventLogBroadcaster(EventLog log, Settings settings, StreamAudit audit) {
    this.audit = audit;
    this.log = log;
    this.notifier = new Notifier();
    this.fanOut = new FanOut(log, settings, notifier, this::ended);
  }

  /**
   * Registers a subscriber of {@code GET /api/sse}.
   *
   * @throws IllegalArgumentException for a sink of the container: it could block, and would be outside the log's order
   */
  @Override
  public void register(SseEventSink sink) {
    if (!(sink instanceof StreamSink stream)) {
      throw new IllegalArgumentException("only streams of GET /api/sse can be registered, not a "
          + sink.getClass().getName());
    }
    if (closed.get()) {
      throw Problem.unavailable("this node is stopping; try again");
    }
    fanOut.register(stream, stream.admitted());
  }

  private void ended(Subscriber subscriber, EndReason reason, Throwable cause) {
    audit.ended(subscriber, reason);
    // All that is registered here is a StreamSink.
    SseEventSink sink = (SseEventSink) subscriber;
    if (cause != null) {
      errorListeners.forEach(listener -> notifier.call(() -> listener.accept(sink, cause)));
    }
    closeListeners.forEach(listener -> notifier.call(() -> listener.accept(sink)));
  }

  /** Writes the log lines of the streams and calls the listeners, so that neither can delay a stream. */
  Notifier notifier() {
    return notifier;
  }

  /**
   * Ends one stream, by the order of an administrator.
   *
   * @param id as {@link #connections} shows it
   * @return how many streams have ended: 1 or 0
   */
  public int revoke(long id) {
    return fanOut.endNumbered(id, EndReason.REVOKED);
  }

  /**
   * Ends all streams of a user, by the order of an administrator.
   *
   * @return how many
   */
  public int revokeUser(String user) {
    return fanOut.endOfUser(user, EndReason.REVOKED);
  }

  /** Ends the streams of a session of the container, which has ended. */
  void endOfSession(String sessionId) {
    fanOut.endOfSession(sessionId, EndReason.SIGNED_OUT);
  }

  OpenStreams open() {
    return fanOut.open();
  }

  /** How many streams are open. */
  public int subscribers() {
    return fanOut.open().count();
  }

  /** The open streams, the oldest first. Waits for at most five seconds. */
  public List<ConnectionInfo> connections() {
    return fanOut.connections();
  }

  /** The open streams that do not have everything because their client does not read or they wait for the log. As above. */
  public List<ConnectionInfo> behind(int max) {
    return fanOut.behind(max);
  }

  /** The open streams, in no order. Never waits. */
  public Collection<Subscriber> streams() {
    return fanOut.open().all();
  }

  /** How many streams have ended for a reason since the start. */
  public long ended(EndReason reason) {
    return fanOut.ended(reason);
  }

  /**
   * What was delivered since the start, and how many subscribers there are. Waits for at most five seconds.
   *
   * @return empty if a worker does not answer
   */
  public Optional<DeliveryStats> stats() {
    return fanOut.stats();
  }

  /** What is wrong if a worker has made no progress for ten seconds, else empty. Never waits. */
  public Optional<String> problem() {
    return fanOut.problem();
  }

  /** As above, if there was no progress for so long; at least 1.5 s, because an idle worker sleeps. */
  public Optional<String> problem(Duration noProgressFor) {
    return fanOut.problem(noProgressFor);
  }

  /** It is time for keepalives and evictions. Called every second by the timer of the container. */
  public void keepalive() {
    fanOut.tick();
  }

  /**
   * Appends an event to the log, as any other: the name is its type, the data is its JSON.
   *
   * @return completes when the event is durable
   * @throws IllegalArgumentException if it has an id or a comment, which the publisher cannot choose, or is no event
   */
  @Override
  public CompletionStage<?> broadcast(OutboundSseEvent event) {
    if (event.getId() != null || event.getComment() != null) {
      throw new IllegalArgumentException("the log gives the id, and an event has no comment");
    }
    boolean isJsonText = event.getData() instanceof String
        && MediaType.APPLICATION_JSON_TYPE.isCompatible(event.getMediaType())
        && !event.getMediaType().isWildcardType();
    SSEEvent published = isJsonText
        ? new SSEEvent(event.getName(), (String) event.getData(), Instant.now())
        : SSEEvent.of(event.getName(), event.getData());
    // What the caller attaches to the stage must not run in the thread that appends all events.
    return log.append(List.of(published)).thenApplyAsync(ids -> ids);
  }

  /** The listener is called in a thread of its own for all listeners, after the stream has ended. */
  @Override
  public void onError(BiConsumer<SseEventSink, Throwable> onError) {
    errorListeners.add(onError);
  }

  /** The listener is called in a thread of its own for all listeners, after the stream has ended. */
  @Override
  public void onClose(Consumer<SseEventSink> onClose) {
    closeListeners.add(onClose);
  }

  /** Tells every subscriber when to come back, spread over the drain time, and ends all streams. */
  @Override
  @PreDestroy
  public void close() {
    if (closed.compareAndSet(false, true)) {
      fanOut.close();
      notifier.close();
    }
  }

  /** The same as {@link #close()}: the sinks can be reached only through this broadcaster. */
  @Override
  public void close(boolean cascading) {
    close();
  }
}
