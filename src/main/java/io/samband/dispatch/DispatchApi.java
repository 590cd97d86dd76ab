package io.samband.dispatch;

import io.samband.auth.RightsFilter;
import io.samband.web.ByteOrderMarkFilter;
import io.samband.web.ProblemMapper;
import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Map;
import java.util.Set;

/** The calls of the example modules. They are at the same path as those of Samband, as they may be in another team's WAR. */
@ApplicationPath("/api")
public class DispatchApi extends Application {
  @Override
  public Set<Class<?>> getClasses() {
    return Set.of(
        FlashResource.class,
        VehicleResource.class,
        RightsFilter.class,
        ByteOrderMarkFilter.class,
        ProblemMapper.class);
  }

  @Override
  public Map<String, Object> getProperties() {
    return Map.of("jersey.config.server.wadl.disableWadl", true);
  }
}
