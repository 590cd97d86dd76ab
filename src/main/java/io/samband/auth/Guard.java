package io.samband.auth;

import io.samband.settings.Settings;
import io.samband.web.Calls;
import io.samband.web.ClientScheme;
import io.samband.web.Problem;
import io.samband.web.ResponseHeadersFilter;
import jakarta.inject.Inject;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Decides whether a request is served: by its host, by the page that sent it, and by whose request it is.
 *
 * <p>A servlet filter and not one of JAX-RS, because the stream answers past JAX-RS. Only the two health checks are exempt. Our calls
 * go on to our resources. A deployment may map the filter {@code samband-guard} to more paths of its own: requests there are served
 * if their host is right, and those below the init parameter {@code calls} if all else is right, too.
 */
public class Guard extends HttpFilter {
  private static final long serialVersionUID = 1L;
  private static final Set<String> EXEMPT = Set.of("/health/live", "/health/ready");
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");
  private static final HostHeader NO_HOST = new HostHeader("", null);

  @Inject
  private transient Identities identities;

  @Inject
  private transient Audit audit;

  @Inject
  private transient Settings settings;

  @Inject
  private transient ClientScheme clientScheme;

  private transient BrowserRules browserRules;
  private transient List<HostHeader> hosts;
  private transient Calls calls;
  private String guarded;

  @Override
  public void init() {
    browserRules = new BrowserRules(settings.allowedOrigins());
    hosts = settings.hosts().stream()
        .map(host -> HostHeader.parse(host).orElseThrow())
        .toList();
    calls = new Calls(settings.httpPath());
    guarded = getInitParameter("calls");
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Optional<String> call = calls.callOf(request);
    if (call.isPresent()) {
      ResponseHeadersFilter.setCallHeaders(response);
    }
    if (call.filter(EXEMPT::contains).isPresent() || admits(call, request, response)) {
      if (call.isPresent()) {
        Calls.forward(call.get(), request, response);
      } else {
        chain.doFilter(request, response);
      }
    }
  }

  /** False if the request is answered already. */
  private boolean admits(
      Optional<String> call, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try {
      HostHeader host = host(request);
      if (call.isEmpty() && !isGuardedCall(request)) {
        return true;
      }
      BrowserRules.Sender sender = sender(request, host);
      checkSender(sender, response);
      if (isPreflight(request, sender)) {
        answerPreflight(response);
        return false;
      }
      Identity identity = identities.of(request);
      identity.attachTo(request);
      checkChange(request, identity, sender);
      return true;
    } catch (Refusal.Refused e) {
      audit.refused(request, null, e.refusal());
      refuse(response, e.refusal());
      return false;
    }
  }

  private HostHeader host(HttpServletRequest request) throws Refusal.Refused {
    List<String> headers = Collections.list(request.getHeaders("Host"));
    Optional<HostHeader> named = HostHeader.of(headers);
    if (named.isEmpty() && !headers.isEmpty()) {
      throw Refusal.malformed("send one Host header, with a host name", "malformed_host")
          .thrown();
    }
    HostHeader host = named.orElse(NO_HOST);
    if (identities.mode() == AuthMode.LOCAL) {
      checkLocal(request, host);
    }
    if (!hosts.isEmpty() && hosts.stream().noneMatch(host::isNamedBy)) {
      throw new Refusal(
              421,
              "this deployment is not reached under this host name; name it in samband.http.hosts",
              null,
              Refusal.AUTHZ_FAIL,
              "other_host")
          .thrown();
    }
    return host;
  }

  private static void checkLocal(HttpServletRequest request, HostHeader host)
      throws Refusal.Refused {
    Optional<String> broken = LocalRule.broken(request, host);
    if (broken.isPresent()) {
      throw new Refusal(
              401,
              "only programs of the server's machine are served, under http://localhost and without a"
                  + " proxy, because samband.auth.mode is local; set it to required (or to open, to"
                  + " serve everybody)",
              Refusal.BEARER,
              Refusal.AUTHN_FAIL,
              broken.get())
          .thrown();
    }
  }

  private BrowserRules.Sender sender(HttpServletRequest request, HostHeader host) {
    return new BrowserRules.Sender(
        Collections.list(request.getHeaders("Origin")),
        Collections.list(request.getHeaders("Sec-Fetch-Site")),
        clientScheme.of(request).orElse(null),
        host);
  }

  private void checkSender(BrowserRules.Sender sender, HttpServletResponse response)
      throws Refusal.Refused {
    response.addHeader("Vary", "Origin");
    // An origin is named, never "*": its pages may send cookies.
    browserRules.allowedOrigin(sender).ifPresent(origin -> {
      response.setHeader("Access-Control-Allow-Origin", origin);
      response.setHeader("Access-Control-Allow-Credentials", "true");
      response.setHeader("Access-Control-Expose-Headers", "Retry-After, WWW-Authenticate");
    });
    Optional<String> broken = browserRules.broken(sender);
    if (broken.isPresent()) {
      throw Refusal.forbidden(
              "requests of pages of other origins are refused; name the origin in"
                  + " samband.http.allowed-origins if its pages may call",
              broken.get())
          .thrown();
    }
  }

  private boolean isPreflight(HttpServletRequest request, BrowserRules.Sender sender) {
    return "OPTIONS".equals(request.getMethod())
        && request.getHeader("Access-Control-Request-Method") != null
        && browserRules.allowedOrigin(sender).isPresent();
  }

  private static void answerPreflight(HttpServletResponse response) {
    response.setHeader("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE");
    response.setHeader(
        "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, traceparent, tracestate");
    response.setHeader("Access-Control-Max-Age", "600");
    response.setStatus(HttpServletResponse.SC_NO_CONTENT);
  }

  /**
   * Browsers send a cookie, or what the container knows, with every request. Those that change something must therefore say which
   * page sent them.
   */
  private static void checkChange(
      HttpServletRequest request, Identity identity, BrowserRules.Sender sender)
      throws Refusal.Refused {
    if (!SAFE.contains(request.getMethod())
        && identity.source().isSentByBrowsers()
        && !sender.isBrowserKnown()) {
      throw Refusal.forbidden(
              "send Origin or Sec-Fetch-Site, as browsers do, or a Bearer token in place of a cookie",
              "no_origin")
          .thrown();
    }
  }

  private static void refuse(HttpServletResponse response, Refusal refusal) throws IOException {
    response.setHeader("Cache-Control", "no-store");
    if (refusal.challenge() != null) {
      response.setHeader("WWW-Authenticate", refusal.challenge());
    }
    if (refusal.status() == HttpServletResponse.SC_SERVICE_UNAVAILABLE) {
      response.setHeader("Retry-After", "5");
    }
    Problem.write(response, refusal.status(), refusal.detail());
  }

  /** Calls of the deployment itself: by the path that the container will serve it by, and by the path as it was sent. */
  private boolean isGuardedCall(HttpServletRequest request) {
    String sent = request.getRequestURI().substring(request.getContextPath().length());
    return guarded != null
        && (request.getServletPath().startsWith(guarded)
            || sent.replaceAll("/+", "/").startsWith(guarded));
  }
}
