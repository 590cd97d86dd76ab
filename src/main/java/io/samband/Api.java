package io.samband;

import io.samband.auth.RightsFilter;
import io.samband.metrics.MetricsResource;
import io.samband.poll.PollResource;
import io.samband.publish.PublishResource;
import io.samband.status.ConnectionsResource;
import io.samband.status.HealthResource;
import io.samband.status.TestResource;
import io.samband.stream.StreamResource;
import io.samband.web.ByteOrderMarkFilter;
import io.samband.web.Calls;
import io.samband.web.DocumentsResource;
import io.samband.web.ProblemMapper;
import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Map;
import java.util.Set;

/** All calls, at the path to which they are forwarded. It names its classes, so that those of other applications stay out. */
@ApplicationPath("/" + Calls.INNER)
public class Api extends Application {
  @Override
  public Set<Class<?>> getClasses() {
    return Set.of(
        StreamResource.class,
        PollResource.class,
        PublishResource.class,
        TestResource.class,
        ConnectionsResource.class,
        HealthResource.class,
        MetricsResource.class,
        DocumentsResource.class,
        RightsFilter.class,
        ByteOrderMarkFilter.class,
        ProblemMapper.class);
  }

  /** Jersey describes the calls as WADL at {@code application.wadl} and in the answers to OPTIONS unless it is told not to. */
  @Override
  public Map<String, Object> getProperties() {
    return Map.of("jersey.config.server.wadl.disableWadl", true);
  }
}
