package io.samband.dispatch;

import io.samband.event.LogPosition;
import io.samband.web.Problem;
import jakarta.inject.Inject;
import jakarta.json.JsonObject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Set;

/** {@code /api/vehicles}: vehicle status, pushed after the commit. */
@Path("vehicles")
@Produces(MediaType.APPLICATION_JSON)
public class VehicleResource {
  private static final Set<String> STATUSES =
      Set.of("available", "dispatched", "on_scene", "transporting", "out_of_service");

  @Inject
  Vehicles vehicles;

  @Inject
  LogPosition position;

  /** What a page needs to begin with, and the event id to subscribe after. */
  public record Snapshot(String lastEventId, List<Vehicle> vehicles) {
    public Snapshot {
      vehicles = List.copyOf(vehicles);
    }
  }

  /** Takes {@code {"status"}} and answers with the vehicle as it is then. */
  @PUT
  @Path("{id}/status")
  @Consumes(MediaType.APPLICATION_JSON)
  public Vehicle change(@PathParam("id") String id, JsonObject body) {
    String status = Body.string(body, "status");
    if (!id.matches("[A-Za-z0-9-]{1,32}")) {
      throw Problem.of(422, "the id of a vehicle has 1 to 32 letters, digits or hyphens");
    }
    if (!STATUSES.contains(status)) {
      throw Problem.of(
          422,
          "status must be one of "
              + String.join(", ", STATUSES.stream().sorted().toList()));
    }
    return vehicles.change(id, status);
  }

  @GET
  public Snapshot snapshot() {
    // The id before the state: what happens in between comes twice, never not at all.
    String lastEventId = position.newestId().toString();
    return new Snapshot(lastEventId, vehicles.all());
  }
}
