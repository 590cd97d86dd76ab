package io.samband.status;

import io.samband.auth.Audit;
import io.samband.auth.Identity;
import io.samband.log.EventLog;
import io.samband.presence.Presence;
import io.samband.stream.EventLogBroadcaster;
import io.samband.stream.fanout.ConnectionInfo;
import io.samband.web.Calls;
import io.samband.web.Needs;
import io.samband.web.Problem;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.GenericEntity;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;

/** {@code GET /api/sse/connections}: who is connected, and ending streams. */
@Path(Calls.INNER + "/sse/connections")
@Produces(MediaType.APPLICATION_JSON)
public class ConnectionsResource {
  @Inject
  EventLogBroadcaster broadcaster;

  @Inject
  Presence presence;

  @Inject
  EventLog log;

  @Inject
  Audit audit;

  /**
   * The streams of this node, or with {@code ?nodes=all} those of all nodes, as {@link ClusterConnections}.
   *
   * @throws jakarta.ws.rs.WebApplicationException 400 for other nodes
   */
  @GET
  @Needs(admin = true)
  public Response connections(@QueryParam("nodes") List<String> nodes) {
    List<ConnectionInfo> own = broadcaster.connections();
    if (nodes.isEmpty()) {
      return Response.ok(new GenericEntity<List<ConnectionInfo>>(own) {}).build();
    }
    if (!nodes.equals(List.of("all"))) {
      throw Problem.of(400, "nodes can be all; without it, the streams of this node are listed");
    }
    return Response.ok(
            ClusterConnections.of(presence.view(), own, log.newestId().offset()))
        .build();
  }

  /**
   * Ends one stream.
   *
   * @throws jakarta.ws.rs.WebApplicationException 404 if there is no such stream
   */
  @DELETE
  @Needs(admin = true)
  @Path("{id}")
  public Response end(@Context HttpServletRequest request, @PathParam("id") String id) {
    int ended = id.matches("[0-9]{1,18}") ? broadcaster.revoke(Long.parseLong(id)) : 0;
    if (ended == 0) {
      throw Problem.of(404, "there is no open stream with this id; GET lists them");
    }
    return answer(request, "subscriber", id, ended);
  }

  /**
   * Ends all streams of a user; says how many that were.
   *
   * @throws jakarta.ws.rs.WebApplicationException 400 if no user is named
   */
  @DELETE
  @Needs(admin = true)
  public Response endOfUser(
      @Context HttpServletRequest request, @QueryParam("user") List<String> users) {
    if (users.size() != 1 || users.get(0).isEmpty()) {
      throw Problem.of(400, "name one user, as in ?user=kari");
    }
    return answer(request, "of", users.get(0), broadcaster.revokeUser(users.get(0)));
  }

  private Response answer(HttpServletRequest request, String member, String value, int ended) {
    audit.record("streams_revoked", line -> {
      Audit.text(line, "user", Identity.of(request).name());
      line.add(member, value).add("ended", ended);
    });
    return Response.ok(Json.createObjectBuilder().add("ended", ended).build()).build();
  }
}
