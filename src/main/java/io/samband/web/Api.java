package io.samband.web;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Map;

/** The base of all calls. */
@ApplicationPath("/api")
public class Api extends Application {
  /** Jersey describes the calls as WADL at {@code application.wadl} and in the answers to OPTIONS unless it is told not to. */
  @Override
  public Map<String, Object> getProperties() {
    return Map.of("jersey.config.server.wadl.disableWadl", true);
  }
}
