package io.samband.status;

import io.samband.log.EventLog;
import io.samband.log.LogHealth;
import io.samband.log.LogState;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** {@code /api/health}: for balancers and watchmen; the same on every container. */
@Path("health")
@Produces(MediaType.APPLICATION_JSON)
public class HealthResource {
  @Inject
  EventLog log;

  /** 200 as long as the node answers: restarting it would not help whatever else is wrong. */
  @GET
  @Path("live")
  public Response live() {
    return answer(200, Json.createObjectBuilder().add("status", "UP").build());
  }

  /** 200 while events are being made durable, else 503 with the reason. */
  @GET
  @Path("ready")
  public Response ready() {
    LogHealth health = log.health();
    LogState state = log.state();
    var body = Json.createObjectBuilder()
        .add("status", health.isOk() ? "UP" : "DOWN")
        .add("epoch", state.epoch())
        .add("oldest", state.oldest())
        .add("newest", state.newest())
        .add("pending", health.pending())
        .add("lost", health.lost());
    if (!health.isOk()) {
      body.add("problem", health.problem());
    }
    return answer(health.isOk() ? 200 : 503, body.build());
  }

  private static Response answer(int status, JsonObject body) {
    return Response.status(status)
        .header(HttpHeaders.CACHE_CONTROL, "no-store")
        .entity(body)
        .build();
  }
}
