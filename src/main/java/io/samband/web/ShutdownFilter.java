package io.samband.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebFilter;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * From the moment that the application is told to stop, asks whoever calls to come back later. Some containers hand requests
 * on to it until it is gone, and answer 500 for what they have taken down already.
 */
@WebFilter(urlPatterns = "/api/*", asyncSupported = true)
public class ShutdownFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;
  private static final String STOPPING = ShutdownFilter.class.getName();

  /** From now on every call is answered with 503. */
  public static void stopping(ServletContext application) {
    // An attribute, and no bean: CDI may be gone before the last request comes.
    application.setAttribute(STOPPING, true);
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (getServletContext().getAttribute(STOPPING) == null) {
      chain.doFilter(request, response);
      return;
    }
    response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
    response.setHeader("Retry-After", String.valueOf(Problem.RETRY_AFTER_SECONDS));
    response.setHeader("Cache-Control", "no-store");
    response.setContentType(Problem.CONTENT_TYPE);
    response
        .getOutputStream()
        .write(
            Problem.body(503, "this node is stopping; try again").getBytes(StandardCharsets.UTF_8));
  }
}
