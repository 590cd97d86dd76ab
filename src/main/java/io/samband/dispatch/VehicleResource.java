package io.samband.dispatch;

import io.samband.event.LogPosition;
import io.samband.web.Needs;
import io.samband.web.Problem;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.WebApplicationException;
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

  /**
   * Takes {@code {"status", "version"?}} and answers with the vehicle as it is then. With the version that the sender has
   * seen, 0 for a new vehicle, a change that somebody else made meanwhile is not overwritten: 409 has it as {@code current}.
   */
  @PUT
  @Needs(publish = "bilstatus_update")
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
    try {
      return vehicles.change(id, status, version(body));
    } catch (ChangedMeanwhileException e) {
      throw conflict(e.current());
    }
  }

  /** Null if the sender does not care. */
  private static Long version(JsonObject body) {
    JsonValue version = body.get("version");
    if (version == null) {
      return null;
    }
    try {
      if (version instanceof JsonNumber number && number.isIntegral()) {
        return number.longValueExact();
      }
    } catch (ArithmeticException e) {
      // Falls through: a number beyond 64 bits is no version, either.
    }
    throw Problem.of(400, "version must be a whole number, as it was in the answer");
  }

  private static WebApplicationException conflict(Vehicle current) {
    JsonObject shown = Json.createObjectBuilder()
        .add("id", current.id())
        .add("status", current.status())
        .add("version", current.version())
        .add("updatedAt", current.updatedAt())
        .build();
    return Problem.of(
        409,
        "the vehicle has changed meanwhile; look at it as it is now, and repeat with its version",
        "current",
        shown);
  }

  @GET
  @Needs(subscribe = "bilstatus_update")
  public Snapshot snapshot() {
    // The id is read before the state: an event in between comes twice, but is never missed.
    String lastEventId = position.newestId().toString();
    return new Snapshot(lastEventId, vehicles.all());
  }
}
