package io.samband.metrics;

import io.samband.web.Calls;
import io.samband.web.Needs;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** {@code GET /api/metrics}: metrics for Prometheus, the same on every container. */
@Path(Calls.INNER + "/metrics")
public class MetricsResource {
  /** Prometheus text exposition format. */
  private static final String CONTENT_TYPE = "text/plain;version=0.0.4;charset=utf-8";

  @Inject
  DeploymentMetrics metrics;

  @GET
  @Needs(admin = true)
  @Produces(MediaType.WILDCARD)
  public Response scrape() {
    return Response.ok(metrics.scrape())
        .header(HttpHeaders.CONTENT_TYPE, CONTENT_TYPE)
        .build();
  }
}
