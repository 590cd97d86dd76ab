package io.samband.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebFilter;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Says on every answer how long it may be kept (RFC 9111): answers of the API not at all, files whose name contains a hash of
 * their content for ever, all other files only after asking whether they have changed. A call may say otherwise, as the
 * stream does.
 */
@WebFilter(urlPatterns = "/*", asyncSupported = true)
public class CacheHeadersFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  /** One year, as long as caches keep anything. */
  private static final String IMMUTABLE = "public, max-age=31536000, immutable";

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String path = request.getRequestURI().substring(request.getContextPath().length());
    response.setHeader("Cache-Control", cacheControl(path));
    chain.doFilter(request, response);
  }

  static String cacheControl(String path) {
    if (path.startsWith("/api/")) {
      return "no-store";
    }
    return path.startsWith("/assets/") ? IMMUTABLE : "no-cache";
  }
}
