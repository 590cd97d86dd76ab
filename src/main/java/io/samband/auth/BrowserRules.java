package io.samband.auth;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which requests of browsers are served: those of our own pages, and of the origins that the settings name (Fetch standard; Fetch
 * Metadata). Immutable value with pure functions.
 */
final class BrowserRules {
  private static final Map<String, Integer> DEFAULT_PORTS = Map.of("http", 80, "https", 443);
  private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

  private final List<String> allowedOrigins;

  BrowserRules(List<String> allowedOrigins) {
    this.allowedOrigins = List.copyOf(allowedOrigins);
  }

  /**
   * What a request says about the page that sent it.
   *
   * @param origins all {@code Origin} headers
   * @param sites all {@code Sec-Fetch-Site} headers
   * @param scheme that the browser used, or null if it is not known because a proxy may have ended TLS
   */
  record Sender(List<String> origins, List<String> sites, String scheme, HostHeader host) {
    Sender {
      origins = List.copyOf(origins);
      sites = List.copyOf(sites);
    }

    boolean isBrowserKnown() {
      return !origins.isEmpty() || !sites.isEmpty();
    }
  }

  /** The origin to be named in the answer, if it is another one that is allowed. */
  Optional<String> allowedOrigin(Sender sender) {
    return sender.origins().size() == 1
            && allowedOrigins.contains(sender.origins().get(0))
        ? Optional.of(sender.origins().get(0))
        : Optional.empty();
  }

  /** Why the request is refused, for the audit log; empty if it is not. */
  Optional<String> broken(Sender sender) {
    if (allowedOrigin(sender).isPresent()) {
      return Optional.empty();
    }
    if (!sender.sites().stream().allMatch(OWN_SITE::contains)) {
      return Optional.of("other_site");
    }
    boolean isOwn = sender.origins().isEmpty()
        || (sender.origins().size() == 1 && isOwn(sender.origins().get(0), sender));
    return isOwn ? Optional.empty() : Optional.of("other_origin");
  }

  private static boolean isOwn(String origin, Sender sender) {
    int colon = origin.indexOf("://");
    String scheme = origin.substring(0, Math.max(0, colon)).toLowerCase(Locale.ROOT);
    Integer defaultPort = DEFAULT_PORTS.get(scheme);
    if (defaultPort == null || (sender.scheme() != null && !sender.scheme().equals(scheme))) {
      return false;
    }
    Optional<HostHeader> parsed = HostHeader.parse(origin.substring(colon + "://".length()));
    return parsed
        .filter(host -> host.name().equals(sender.host().name()))
        .filter(host -> port(host, defaultPort) == port(sender.host(), defaultPort))
        .isPresent();
  }

  private static int port(HostHeader host, int defaultPort) {
    return host.port() == null ? defaultPort : host.port();
  }
}
