package io.samband.status;

import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.event.SSEEventType;
import io.samband.settings.Settings;
import io.samband.stream.EventLogBroadcaster;
import io.samband.web.Calls;
import io.samband.web.Needs;
import io.samband.web.Problem;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.UUID;

/** {@code /api/sse/test}: fires a test event through CDI, as any module would. */
@Path(Calls.INNER + "/sse/test")
public class TestResource {
  @Inject
  Event<SSEEvent> push;

  @Inject
  EventLogBroadcaster broadcaster;

  @Inject
  Settings settings;

  /**
   * Fires the event. The answer has a nonce that is in the event's data, so that the sender recognises it; 503 if the event
   * is lost.
   */
  @POST
  @Needs(admin = true)
  @Produces(MediaType.APPLICATION_JSON)
  public Response fire() {
    String nonce = UUID.randomUUID().toString();
    SSEEvent event = SSEEvent.of(SSEEventType.TEST, Map.of("nonce", nonce));
    push.fire(event);
    if (event.outcome().toCompletableFuture().getNow(null) instanceof PublishOutcome.Lost) {
      throw Problem.unavailable("the test event is lost: the log fails, and too many events wait");
    }
    JsonObject answer = Json.createObjectBuilder()
        .add("nonce", nonce)
        .add("subscribers", broadcaster.subscribers())
        .build();
    return Response.accepted(answer).build();
  }

  @GET
  @Produces(MediaType.TEXT_PLAIN)
  public String help() {
    return """
        POST to this address fires a "test" event through CDI. Every stream gets it, with the nonce
        of the answer in its data. To see it, open / in several tabs, or run

          curl -N http://localhost:8080%1$s/sse
          curl -X POST http://localhost:8080%1$s/sse/test
        """.formatted(settings.httpPath());
  }
}
