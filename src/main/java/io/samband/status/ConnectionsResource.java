package io.samband.status;

import io.samband.stream.EventLogBroadcaster;
import io.samband.stream.fanout.ConnectionInfo;
import io.samband.web.Needs;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** {@code GET /api/sse/connections}: who is connected. */
@Path("sse/connections")
public class ConnectionsResource {
  @Inject
  EventLogBroadcaster broadcaster;

  @GET
  @Needs(admin = true)
  @Produces(MediaType.APPLICATION_JSON)
  public List<ConnectionInfo> connections() {
    return broadcaster.connections();
  }
}
