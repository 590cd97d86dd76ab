package io.samband.auth;

import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The mode {@code local}: whether a request comes from this machine and was not handed on by a proxy. Pure functions. */
final class LocalRule {
  private static final Set<String> HOSTS = Set.of("localhost", "127.0.0.1", "[::1]");

  private LocalRule() {}

  /** Why the request is not local, for the audit log; empty if it is. */
  static Optional<String> broken(HttpServletRequest request, HostHeader host) {
    if (!isLoopback(request.getRemoteAddr())) {
      return Optional.of("peer_not_local");
    }
    if (!HOSTS.contains(host.name())) {
      return Optional.of("host_not_local");
    }
    boolean forwarded = Collections.list(request.getHeaderNames()).stream()
        .map(name -> name.toLowerCase(Locale.ROOT))
        .anyMatch(name -> name.equals("forwarded") || name.startsWith("x-forwarded-"));
    return forwarded ? Optional.of("forwarded") : Optional.empty();
  }

  /** Of a literal address; no name is looked up. */
  static boolean isLoopback(String address) {
    boolean isLiteral =
        address != null && address.matches("\\[?[0-9a-fA-F:.]+(%[0-9a-zA-Z_.-]+)?]?");
    try {
      return isLiteral && InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
