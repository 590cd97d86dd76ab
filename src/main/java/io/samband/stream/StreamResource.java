package io.samband.stream;

import io.samband.auth.Identity;
import io.samband.auth.Rights;
import io.samband.log.EventFilter;
import io.samband.web.Calls;
import io.samband.web.ClientAddress;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseBroadcaster;
import java.io.IOException;
import java.util.List;

/** {@code GET /api/sse}: the stream. */
@Path(Calls.INNER + "/sse")
public class StreamResource {
  static final String CONTENT_TYPE = "text/event-stream;charset=UTF-8";

  /**
   * A compressing filter leaves an answer alone that names a coding. Without this, the filters of containers and proxies
   * would hold frames back until their buffer is full.
   */
  static final String CONTENT_ENCODING = "identity";

  static final String CACHE_CONTROL = "no-cache, no-store, no-transform";

  @Inject
  SseBroadcaster broadcaster;

  @Inject
  Admission admission;

  @Inject
  ClientAddress clientAddress;

  @Inject
  Rights rights;

  @Inject
  Outputs outputs;

  /**
   * Opens a stream. Headers and {@code hello} leave at once; the events after the cursor follow, then the new ones.
   *
   * @param async only makes the request asynchronous: the container's own stream would block, or be unbounded
   * @throws jakarta.ws.rs.WebApplicationException 400 for bad types, 403 for types without the right to receive them, 503 if
   *     there are too many streams
   */
  @GET
  @Produces(MediaType.SERVER_SENT_EVENTS)
  public void stream(
      @Suspended AsyncResponse async,
      @Context Sse sse,
      @Context HttpServletRequest request,
      @Context HttpServletResponse response,
      @HeaderParam(HttpHeaders.LAST_EVENT_ID_HEADER) String header,
      @QueryParam("lastEventId") String parameter,
      @QueryParam("types") List<String> types)
      throws IOException {
    EventFilter filter = rights.filter(request, types);
    String address = clientAddress.of(request);
    String lastEventId = header == null || header.isEmpty() ? parameter : header;
    Identity identity = Identity.of(request);
    StreamSink sink = admission.open(
        identity, lastEventId, filter, address, request.getHeader(HttpHeaders.USER_AGENT), sse);
    response.setStatus(HttpServletResponse.SC_OK);
    response.setContentType(CONTENT_TYPE);
    response.setHeader(HttpHeaders.CACHE_CONTROL, CACHE_CONTROL);
    response.setHeader("X-Accel-Buffering", "no");
    response.setHeader(HttpHeaders.CONTENT_ENCODING, CONTENT_ENCODING);
    ServletOutput output = outputs.of(request, response, sink);
    sink.output(output);
    broadcaster.register(sink);
    if (!identity.isSessionValid()) {
      // It has ended since the request came in, and its listener did not find the stream yet.
      sink.close();
    }
    output.start();
  }

  /** The same status and headers without a stream; registers no subscriber. */
  @HEAD
  @Produces(MediaType.SERVER_SENT_EVENTS)
  public Response head(
      @Context HttpServletRequest request, @QueryParam("types") List<String> types) {
    // Only for the answer that it gives if it refuses.
    rights.filter(request, types);
    return Response.ok()
        .header(HttpHeaders.CONTENT_TYPE, CONTENT_TYPE)
        .header(HttpHeaders.CACHE_CONTROL, CACHE_CONTROL)
        .header("X-Accel-Buffering", "no")
        .header(HttpHeaders.CONTENT_ENCODING, CONTENT_ENCODING)
        .build();
  }
}
