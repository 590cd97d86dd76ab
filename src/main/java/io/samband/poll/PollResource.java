package io.samband.poll;

import io.samband.auth.Identity;
import io.samband.auth.Rights;
import io.samband.log.EventFilter;
import io.samband.log.EventLog;
import io.samband.log.LogState;
import io.samband.log.LogUnavailableException;
import io.samband.log.Page;
import io.samband.log.Replay;
import io.samband.log.Reset;
import io.samband.log.Skip;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import io.samband.web.Calls;
import io.samband.web.Problem;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;

/** {@code GET /api/sse/poll}: a page of the log after a cursor. */
@Path(Calls.INNER + "/sse/poll")
public class PollResource {
  private static final int DEFAULT_LIMIT = 500;
  private static final int MAX_LIMIT = 1_000;

  /** An answer is put together in memory, and this bounds it, whatever the limit. */
  private static final int MAX_BYTES = 1 << 20;

  @Inject
  EventLog log;

  @Inject
  Settings settings;

  @Inject
  Rights rights;

  /**
   * The events after a cursor.
   *
   * @param after an event id; without it there are no events, only the newest id; garbage is an unknown cursor
   * @throws jakarta.ws.rs.WebApplicationException 400 for a bad filter or limit, 403 for types without the right to receive
   *     them, 503 while the log cannot be read
   */
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public Response poll(
      @Context HttpServletRequest request,
      @QueryParam("after") String after,
      @QueryParam("types") List<String> types,
      @QueryParam("limit") List<String> limits) {
    EventFilter filter = rights.filter(request, types);
    int count = Problem.badRequestIfInvalid(() -> limit(limits));
    try {
      String auth = rights.authJson(Identity.of(request));
      while (true) {
        LogState before = log.state();
        Replay replay = log.replay(after);
        Page page = replay.kind() == Replay.Kind.NONE
            ? new Page(null, List.of(), replay.after(), false)
            : log.read(replay.after(), filter, count, MAX_BYTES);
        // The state is read after the page, so that it is not older than the page: the cursor after
        // the page is good in its epoch.
        LogState state = log.state();
        if (state.continues(before)) {
          return Response.ok(json(state, replay, page, auth)).build();
        }
        // The log was rewound meanwhile, and a cursor that was good may be ahead of it now.
      }
    } catch (LogUnavailableException e) {
      throw Problem.unavailable("the event log cannot be read now; poll again later");
    }
  }

  private static int limit(List<String> limits) {
    if (limits.isEmpty()) {
      return DEFAULT_LIMIT;
    }
    if (limits.size() == 1 && limits.get(0).matches("[0-9]{1,4}")) {
      int count = Integer.parseInt(limits.get(0));
      if (count >= 1 && count <= MAX_LIMIT) {
        return count;
      }
    }
    throw new IllegalArgumentException(
        "limit must be there at most once, a whole number from 1 to " + MAX_LIMIT);
  }

  /** By hand, because the events are JSON already, in the order of the contract. */
  private String json(LogState state, Replay replay, Page page, String auth) {
    // If the log was trimmed since the cursor was looked at, the page has a reset of its own.
    Reset reset = replay.reset() == null ? page.reset() : replay.reset();
    Replay.Kind kind = page.reset() == null ? replay.kind() : Replay.Kind.INCOMPLETE;
    // If there is nothing after a good cursor, the answer repeats it as the client wrote it.
    boolean moved = page.through() != replay.after() || reset != null;
    var json = new StringBuilder(256);
    json.append("{\"epoch\":\"").append(state.epoch());
    json.append("\",\"oldest\":").append(state.oldest());
    json.append(",\"newest\":").append(state.newest());
    json.append(",\"replay\":\"").append(kind.wireName());
    json.append("\",\"reset\":").append(reset == null ? "null" : reset.toJson());
    json.append(",\"events\":[");
    String separator = "";
    for (var event : page.events()) {
      json.append(separator).append("{\"id\":\"").append(event.id()).append("\",");
      json.append(event.jsonText().substring(1));
      separator = ",";
    }
    json.append("],\"skipped\":[");
    separator = "";
    for (Skip skip : page.skipped(replay.after())) {
      json.append(separator).append('[').append(skip.from()).append(',');
      json.append(skip.to()).append(']');
      separator = ",";
    }
    json.append("],\"lastEventId\":\"");
    json.append(moved ? state.idAt(page.through()) : replay.helloId());
    json.append("\",\"more\":").append(page.more());
    json.append(",\"pollMillis\":").append(settings.number(Setting.POLL_MILLIS));
    json.append(",\"status\":").append(log.health().statusJson());
    if (auth != null) {
      // A browser that only polls must notice, too, that somebody else is signed in.
      json.append(",\"auth\":").append(auth);
    }
    json.append('}');
    return json.toString();
  }
}
