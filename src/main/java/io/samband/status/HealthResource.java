package io.samband.status;

import io.samband.auth.Identities;
import io.samband.log.EventLog;
import io.samband.log.LogHealth;
import io.samband.log.LogState;
import io.samband.outbox.Outbox;
import io.samband.outbox.OutboxHealth;
import io.samband.settings.Settings;
import io.samband.stream.EventLogBroadcaster;
import io.samband.web.Calls;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.json.JsonObjectBuilder;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Optional;

/** {@code /api/health}: for load balancers and supervisors, the same on every container. Never waits for a disk. */
@Path(Calls.INNER + "/health")
@Produces(MediaType.APPLICATION_JSON)
public class HealthResource {
  /** A supervisor ends what is not alive, and with it all streams: a disk or a garbage collector may take 10 s, this may not. */
  private static final Duration HOPELESS = Duration.ofMinutes(1);

  /** A shared log that is away takes all nodes out of rotation at once, so it gets some time to come back. */
  private static final long SHARED_GRACE_MILLIS = 10_000;

  @Inject
  EventLog log;

  @Inject
  EventLogBroadcaster broadcaster;

  @Inject
  Outbox outbox;

  @Inject
  Settings settings;

  @Inject
  Identities identities;

  /** 200 while the process should go on; 503 if a delivery thread has hung for a minute, which only a restart can cure. */
  @GET
  @Path("live")
  public Response live() {
    Optional<String> stuck = broadcaster.problem(HOPELESS);
    JsonObjectBuilder body = Json.createObjectBuilder()
        .add("status", word(stuck.isEmpty()))
        .add("log", log.health().status().wireName());
    stuck.ifPresent(problem -> body.add("problem", problem));
    return answer(stuck.isEmpty(), body);
  }

  /**
   * 200 while this node can serve reads and streams. A log that cannot be written is reported, and makes the node unready
   * only if {@code samband.health.ready-needs-log} is true: otherwise a full disk would take away reading, too.
   * A log that several nodes share makes it unready after ten seconds.
   */
  @GET
  @Path("ready")
  public Response ready() {
    LogHealth health = log.health();
    LogState state = log.state();
    Optional<String> stuck = broadcaster.problem();
    boolean isReady = stuck.isEmpty() && (isGoodEnough(health) || !settings.readyNeedsLog());
    JsonObjectBuilder body = Json.createObjectBuilder()
        .add("status", word(isReady))
        .add("log", health.status().wireName())
        .add("node", settings.nodeName())
        .add("auth", identities.mode().wireName())
        .add("epoch", state.epoch())
        .add("oldest", state.oldest())
        .add("newest", state.newest())
        .add("pending", health.pending())
        .add("lost", health.lost())
        .add("unreadable", health.unreadable());
    addOutbox(body);
    stuck
        .or(() -> Optional.ofNullable(health.problem()))
        .ifPresent(problem -> body.add("problem", problem));
    return answer(isReady, body);
  }

  private boolean isGoodEnough(LogHealth health) {
    return health.isOk()
        || (settings.logKind().isShared() && health.sinceMillis() < SHARED_GRACE_MILLIS);
  }

  private void addOutbox(JsonObjectBuilder body) {
    OutboxHealth health = outbox.health();
    if (health != null) {
      JsonObjectBuilder inside = Json.createObjectBuilder()
          .add("backlog", health.backlog())
          .add("oldestSeconds", health.oldestSeconds())
          .add("lookSeconds", health.lookSeconds());
      if (health.problem() != null) {
        inside.add("problem", health.problem());
      }
      body.add("outbox", inside);
    }
  }

  private static String word(boolean isUp) {
    return isUp ? "UP" : "DOWN";
  }

  private static Response answer(boolean isUp, JsonObjectBuilder body) {
    return Response.status(isUp ? 200 : 503).entity(body.build()).build();
  }
}
