package io.samband.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.regex.Pattern;

/**
 * Says on every answer how long it may be kept (RFC 9111) and what a browser may do with it (Content Security Policy 3).
 *
 * <p>Answers of the API are not kept, files whose name contains a hash of their content for ever, all other files only after asking
 * whether they have changed. A call may say otherwise, as the stream does. In another team's WAR it is for the client modules alone.
 */
public class ResponseHeadersFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  private static final String NOT_KEPT = "no-store";

  /** One year, as long as caches keep anything. */
  private static final String IMMUTABLE = "public, max-age=31536000, immutable";

  /** No inline script, and nothing of other origins. */
  private static final String PAGE_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self';"
          + " img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self';"
          + " manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

  /** The console and the client modules. Pages that a module adds to the WAR have policies of their own, or none. */
  private static final Pattern OUR_PAGE = Pattern.compile("/|/index\\.html|/(?:assets|client)/.*");

  /** An answer of the API is data, also if somebody opens it in a browser. */
  private static final String API_POLICY = "default-src 'none'; frame-ancestors 'none'";

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String path = request.getRequestURI().substring(request.getContextPath().length());
    if (!path.startsWith("/client/") || path.startsWith("/client/samband-")) {
      setHeaders(path, response);
    }
    chain.doFilter(request, response);
  }

  private static void setHeaders(String path, HttpServletResponse response) {
    if (isApi(path)) {
      setCallHeaders(response);
      return;
    }
    response.setHeader("Cache-Control", cacheControl(path));
    response.setHeader("X-Content-Type-Options", "nosniff");
    if (OUR_PAGE.matcher(path).matches()) {
      response.setHeader("Content-Security-Policy", PAGE_POLICY);
    }
  }

  /** Sets the headers of an answer of the API. */
  public static void setCallHeaders(HttpServletResponse response) {
    response.setHeader("Cache-Control", NOT_KEPT);
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Content-Security-Policy", API_POLICY);
  }

  static String cacheControl(String path) {
    if (isApi(path)) {
      return NOT_KEPT;
    }
    return path.startsWith("/assets/") ? IMMUTABLE : "no-cache";
  }

  private static boolean isApi(String path) {
    return path.startsWith("/api/");
  }
}
