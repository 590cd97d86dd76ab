package io.samband.dispatch;

import io.samband.event.LogPosition;
import io.samband.event.SSEEvent;
import io.samband.event.SSEEventType;
import io.samband.event.Timestamps;
import io.samband.web.Problem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.json.JsonObject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** {@code /api/flash}: flash messages, pushed outside of any transaction. */
@Path("flash")
@ApplicationScoped
@Produces(MediaType.APPLICATION_JSON)
public class FlashResource {
  private static final int KEPT = 50;
  private static final int MAX_TEXT = 500;
  private static final Set<String> PRIORITIES = Set.of("normal", "high");

  private final Deque<FlashMessage> newest = new ArrayDeque<>();

  @Inject
  private Event<SSEEvent> push;

  @Inject
  private LogPosition position;

  /** What a page needs to begin with, and the event id to subscribe after. */
  public record Snapshot(String lastEventId, List<FlashMessage> flashes) {
    public Snapshot {
      flashes = List.copyOf(flashes);
    }
  }

  /** Sends {@code {"text", "priority"}} to every dispatcher. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  public Response send(JsonObject body) {
    String text = Body.string(body, "text").strip();
    String priority = body.containsKey("priority") ? Body.string(body, "priority") : "normal";
    if (text.isEmpty() || text.length() > MAX_TEXT) {
      throw Problem.of(422, "text must have 1 to " + MAX_TEXT + " characters");
    }
    if (!PRIORITIES.contains(priority)) {
      throw Problem.of(422, "priority must be normal or high");
    }
    var message = new FlashMessage(
        UUID.randomUUID().toString(), text, priority, Timestamps.format(Instant.now()));
    // State first, then the event: a snapshot that has the event's id has the message.
    keep(message);
    push.fire(SSEEvent.of(SSEEventType.FLASH_MESSAGE, message));
    return Response.accepted(Map.of("id", message.id())).build();
  }

  private void keep(FlashMessage message) {
    synchronized (newest) {
      newest.addLast(message);
      if (newest.size() > KEPT) {
        newest.removeFirst();
      }
    }
  }

  @GET
  public Snapshot snapshot() {
    // The id before the state: what happens in between comes twice, never not at all.
    String lastEventId = position.newestId().toString();
    synchronized (newest) {
      return new Snapshot(lastEventId, List.copyOf(newest));
    }
  }
}
