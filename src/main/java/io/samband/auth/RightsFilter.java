package io.samband.auth;

import io.samband.web.Needs;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.ext.Provider;
import java.lang.reflect.Method;

/** Checks the right that a method {@link Needs}, before its body is read. */
@Provider
public class RightsFilter implements ContainerRequestFilter {
  @Inject
  Rights rights;

  @Context
  ResourceInfo resource;

  @Context
  HttpServletRequest request;

  @Override
  public void filter(ContainerRequestContext context) {
    Method method = resource.getResourceMethod();
    Needs needs = method == null ? null : method.getAnnotation(Needs.class);
    if (needs == null) {
      return;
    }
    if (needs.admin()) {
      rights.requireAdmin(request);
    }
    if (!needs.publish().isEmpty()) {
      rights.requirePublish(request, needs.publish());
    }
    if (!needs.subscribe().isEmpty()) {
      rights.requireSubscribe(request, needs.subscribe());
    }
  }
}
