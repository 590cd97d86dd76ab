package io.samband.bench.stock;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseBroadcaster;
import jakarta.ws.rs.sse.SseEventSink;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@code sse.newBroadcaster()} as the tutorials use it, with the paths, the frames and the event size of Samband; nothing
 * is kept or replayed.
 */
@Path("")
public class StockResource {
  private static final AtomicLong IDS = new AtomicLong();
  private static SseBroadcaster broadcaster;

  @GET
  @Path("sse")
  @Produces(MediaType.SERVER_SENT_EVENTS)
  public void stream(@Context SseEventSink sink, @Context Sse sse) {
    // Without a first event the headers would wait for one.
    sink.send(sse.newEventBuilder().name("hello").data("{}").build());
    broadcaster(sse).register(sink);
  }

  @POST
  @Path("sse/events")
  @Consumes(MediaType.APPLICATION_JSON)
  public Response publish(String event, @Context Sse sse) {
    String data =
        event.substring(0, event.lastIndexOf('}')) + ",\"timestamp\":\"" + Instant.now() + "\"}";
    String id = "00000000-" + IDS.incrementAndGet();
    broadcaster(sse).broadcast(sse.newEventBuilder().id(id).data(data).build());
    return Response.accepted().build();
  }

  @GET
  @Path("health/ready")
  public Response ready() {
    return Response.ok("{\"status\":\"UP\"}", MediaType.APPLICATION_JSON).build();
  }

  private static synchronized SseBroadcaster broadcaster(Sse sse) {
    if (broadcaster == null) {
      broadcaster = sse.newBroadcaster();
    }
    return broadcaster;
  }
}
