package io.samband.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where our calls are: below {@code samband.http.path}, and within the deployment below a path that no application has. Requests
 * to the first are forwarded to the second (ADR 44), so that an application of another team may have the same path and the same
 * names. Immutable value with pure functions, except for {@link #forward}.
 */
public final class Calls {
  /** The path of our JAX-RS application, and of every resource in it: another application that finds them has no such path. */
  public static final String INNER = "io.samband";

  /** What our calls begin with. All else below the path belongs to whoever serves it. */
  public static final List<String> ROOTS =
      List.of("sse", "health", "metrics", "openapi.json", "asyncapi.json");

  /** The paths of our calls need no other characters, so none has to be encoded for the forward. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/._~-]*");

  private static final System.Logger LOG = System.getLogger(Calls.class.getName());

  /** Undertow asks all filters of a path, also those that a request does not reach. */
  private static final String NOT_ASYNC =
      "a filter of the application that matches this path does not support asynchronous requests;"
          + " give it asyncSupported = true";

  private final String base;

  /**
   * Calls below a path.
   *
   * @param base begins with a slash and does not end with one
   */
  public Calls(String base) {
    this.base = base;
  }

  /** Patterns (Servlet 6.0, section 12.2) that match all our calls and nothing else. */
  public List<String> patterns() {
    return ROOTS.stream().map(root -> base + "/" + root + "/*").toList();
  }

  /** What follows the path, such as {@code /sse/poll}; empty if it is no call of ours. */
  public Optional<String> callOf(HttpServletRequest request) {
    String pathInfo = request.getPathInfo();
    return callOf(request.getServletPath() + (pathInfo == null ? "" : pathInfo));
  }

  Optional<String> callOf(String path) {
    return ROOTS.stream()
        .map(root -> base + "/" + root)
        .filter(root -> path.equals(root) || path.startsWith(root + "/"))
        .map(root -> path.substring(base.length()))
        .findAny();
  }

  /** Has a call answered by our resources. */
  public static void forward(String call, HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException {
    if (call.matches("/sse/?") && !request.isAsyncSupported()) {
      LOG.log(Level.ERROR, "[SSE] no stream at " + request.getRequestURI() + ": " + NOT_ASYNC);
      Problem.write(response, HttpServletResponse.SC_INTERNAL_SERVER_ERROR, NOT_ASYNC);
    } else if (PLAIN.matcher(call).matches()) {
      request
          .getRequestDispatcher("/" + INNER + "/" + INNER + call)
          .forward(new WithQuery(AcceptFilter.checked(request)), response);
    } else {
      Problem.write(response, HttpServletResponse.SC_NOT_FOUND, Problem.NOTHING_HERE);
    }
  }

  /** The path as the client sent it, also of a request that was forwarded. */
  public static String sentPath(HttpServletRequest request) {
    Object sent = request.getAttribute(RequestDispatcher.FORWARD_REQUEST_URI);
    return sent == null ? request.getRequestURI() : sent.toString();
  }

  /** Open Liberty would forward a request without its query. */
  private static final class WithQuery extends HttpServletRequestWrapper {
    private final String query;

    WithQuery(HttpServletRequest request) {
      super(request);
      query = request.getQueryString();
    }

    @Override
    public String getQueryString() {
      return query;
    }
  }
}
