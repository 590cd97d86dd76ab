package com.example.weather;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;

/** The application answers all errors in its own way. */
@Provider
public class DeskErrors implements ExceptionMapper<Throwable> {
  @Override
  public Response toResponse(Throwable problem) {
    int status = problem instanceof WebApplicationException known
        ? known.getResponse().getStatus()
        : 418;
    return Response.status(status).type("text/plain").entity("desk: " + status).build();
  }
}
