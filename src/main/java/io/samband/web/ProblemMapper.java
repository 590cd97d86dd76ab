package io.samband.web;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.UUID;

/** Gives every error a problem body (RFC 9457) that shows nothing of the inside of the server. */
public class ProblemMapper implements ExceptionMapper<Throwable> {
  private static final System.Logger LOG = System.getLogger(ProblemMapper.class.getName());

  /** Headers that tell the client what to do next. */
  private static final List<String> KEPT = List.of(
      HttpHeaders.ALLOW,
      HttpHeaders.LOCATION,
      HttpHeaders.RETRY_AFTER,
      HttpHeaders.WWW_AUTHENTICATE);

  @Override
  public Response toResponse(Throwable problem) {
    return problem instanceof WebApplicationException known
        ? ofKnown(known.getResponse())
        : ofUnexpected(problem);
  }

  private Response ofKnown(Response response) {
    boolean isError = response.getStatus() >= 400;
    if (!isError
        || Problem.CONTENT_TYPE.equals(response.getHeaderString(HttpHeaders.CONTENT_TYPE))) {
      return response;
    }
    Response.ResponseBuilder problem =
        Response.fromResponse(Problem.response(response.getStatus(), detail(response.getStatus())));
    for (String name : KEPT) {
      String value = response.getHeaderString(name);
      if (value != null) {
        problem.header(name, value);
      }
    }
    return problem.build();
  }

  private static String detail(int status) {
    return switch (status) {
      case 404 -> Problem.NOTHING_HERE;
      case 405 -> "use one of the methods in the Allow header";
      case 406 -> "change the Accept header: this call does not answer with such a type";
      case 415 -> "send the body with Content-Type: application/json";
      default -> "the request cannot be answered as it is";
    };
  }

  private Response ofUnexpected(Throwable problem) {
    // The caller gets a reference to quote, and the log gets the cause: a stack trace must not
    // reach
    // a browser.
    String reference = UUID.randomUUID().toString();
    LOG.log(Level.ERROR, "[SSE] request failed reference=" + reference, problem);
    return Problem.response(
        500, "an error of the server; its log describes it under reference " + reference);
  }
}
