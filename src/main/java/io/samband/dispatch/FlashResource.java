package io.samband.dispatch;

import io.samband.event.SSEEvent;
import io.samband.event.SSEEventType;
import io.samband.event.Timestamps;
import io.samband.web.Needs;
import io.samband.web.Problem;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.json.JsonObject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** {@code /api/flash}: flash messages and their acknowledgements, pushed outside of any transaction. */
@Path("flash")
@Produces(MediaType.APPLICATION_JSON)
public class FlashResource {
  private static final int MAX_TEXT = 500;
  private static final int MAX_DESK = 64;
  private static final Set<String> PRIORITIES = Set.of("normal", "high");

  @Inject
  Event<SSEEvent> push;

  @Inject
  FlashBoard board;

  /** Sends {@code {"text", "priority"}} to every dispatcher. 202 says in {@code outcome} what became of it. */
  @POST
  @Needs(publish = "flash_message")
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
    String outcome = Sent.fire(push, SSEEvent.of(SSEEventType.FLASH_MESSAGE, message));
    return Response.accepted(Map.of("id", message.id(), "outcome", outcome)).build();
  }

  /** Says that a desk, {@code {"by"}}, has read a message. A repeat changes nothing. */
  @POST
  @Needs(publish = "flash_acknowledged")
  @Path("{id}/acknowledgements")
  @Consumes(MediaType.APPLICATION_JSON)
  public Response acknowledge(@PathParam("id") String id, JsonObject body) {
    String by = Body.string(body, "by").strip();
    if (by.isEmpty() || by.length() > MAX_DESK || !Body.isPrintable(by)) {
      throw Problem.of(422, "by must have 1 to " + MAX_DESK + " printable characters");
    }
    FlashBoard.Shown message = read().flashes().stream()
        .filter(shown -> shown.id().equals(id))
        .findAny()
        .orElseThrow(() -> Problem.of(404, "there is no flash message with this id any more"));
    String outcome = FlashBoard.isBy(message, by)
        ? "durable"
        : Sent.fire(
            push,
            SSEEvent.of(
                SSEEventType.FLASH_ACKNOWLEDGED,
                Map.of("id", id, "by", by, "at", Timestamps.format(Instant.now()))));
    return Response.accepted(Map.of("outcome", outcome)).build();
  }

  @GET
  @Needs(subscribe = "flash_message")
  public FlashBoard.Snapshot snapshot() {
    return read();
  }

  private FlashBoard.Snapshot read() {
    try {
      return board.snapshot();
    } catch (IllegalStateException e) {
      throw Problem.unavailable(e.getMessage() + "; ask again later");
    }
  }
}
