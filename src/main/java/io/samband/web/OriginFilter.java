package io.samband.web;

import io.samband.settings.Settings;
import jakarta.inject.Inject;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebFilter;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;

/**
 * Refuses what the page of another origin asks for, unless the settings name that origin (Fetch standard, CORS protocol).
 *
 * <p>A servlet filter and not one of JAX-RS: the stream answers past JAX-RS.
 */
@WebFilter(urlPatterns = "/api/*", asyncSupported = true)
public class OriginFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;
  private static final Map<String, String> DEFAULT_PORTS = Map.of("http", ":80", "https", ":443");
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

  @Inject
  private transient Settings settings;

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String origin = request.getHeader("Origin");
    response.addHeader("Vary", "Origin");
    if (origin == null || isSame(origin, request.getHeader("Host"))) {
      chain.doFilter(request, response);
    } else if (settings.allowedOrigins().contains(origin)) {
      allow(request, response, origin, chain);
    } else if (SAFE.contains(request.getMethod())) {
      // Answered, but without the header that lets the page read it: as for any server without
      // CORS.
      chain.doFilter(request, response);
    } else {
      refuse(response, origin);
    }
  }

  /**
   * Host and port decide: behind a proxy that ends TLS, the scheme that the browser sees is unknown here. The default port of
   * the origin's scheme may be written or not.
   */
  static boolean isSame(String origin, String host) {
    int scheme = origin.indexOf("://");
    String defaultPort = DEFAULT_PORTS.get(scheme < 0 ? "" : origin.substring(0, scheme));
    if (defaultPort == null || host == null) {
      return false;
    }
    String originHost = origin.substring(scheme + "://".length());
    return !originHost.isEmpty()
        && withoutPort(originHost, defaultPort).equalsIgnoreCase(withoutPort(host, defaultPort));
  }

  private static String withoutPort(String host, String port) {
    return host.endsWith(port) ? host.substring(0, host.length() - port.length()) : host;
  }

  private static void allow(
      HttpServletRequest request, HttpServletResponse response, String origin, FilterChain chain)
      throws IOException, ServletException {
    response.setHeader("Access-Control-Allow-Origin", origin);
    // An origin is named, never "*": its pages may send the cookies that a proxy in front asks for.
    response.setHeader("Access-Control-Allow-Credentials", "true");
    response.setHeader("Access-Control-Expose-Headers", "Retry-After");
    boolean preflight = "OPTIONS".equals(request.getMethod())
        && request.getHeader("Access-Control-Request-Method") != null;
    if (!preflight) {
      chain.doFilter(request, response);
      return;
    }
    response.setHeader("Access-Control-Allow-Methods", "GET, POST, PUT");
    response.setHeader(
        "Access-Control-Allow-Headers", "Content-Type, Idempotency-Key, Last-Event-ID");
    response.setHeader("Access-Control-Max-Age", "600");
    response.setStatus(HttpServletResponse.SC_NO_CONTENT);
  }

  private static void refuse(HttpServletResponse response, String origin) throws IOException {
    String detail = "requests of the origin "
        + origin
        + " are refused; name it in samband.http.allowed-origins if its pages may publish";
    response.setStatus(HttpServletResponse.SC_FORBIDDEN);
    response.setContentType(Problem.CONTENT_TYPE);
    response.getOutputStream().write(Problem.body(403, detail).getBytes(StandardCharsets.UTF_8));
  }
}
