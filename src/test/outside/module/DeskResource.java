package com.example.weather;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;

@Path("desk")
@RequestScoped
public class DeskResource {
  @Inject
  WeatherModule module;

  @GET
  @Produces("text/plain")
  public String get() {
    return String.join("\n", module.subscribers());
  }

  @POST
  public void warn(@QueryParam("text") String text) {
    module.warn(text);
  }

  @GET
  @Path("fail")
  public String fail() {
    throw new IllegalStateException("the desk's own");
  }
}
