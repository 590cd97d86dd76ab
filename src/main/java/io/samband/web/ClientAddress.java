package io.samband.web;

import io.samband.settings.Settings;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Who asked: the address of the connection, or, if that is a trusted proxy, the address that the proxy says (RFC 7239 or
 * {@code X-Forwarded-For}).
 */
@ApplicationScoped
public class ClientAddress {
  private static final Pattern FORWARDED_FOR =
      Pattern.compile("(?i)(?:^|[;,\\s])for=(\"[^\"]*\"|[^\";,\\s]+)");

  /** An address as proxies write it: some add the port, and IPv6 then stands in brackets. */
  private static final Pattern NODE = Pattern.compile(
      "(?:(?<four>[0-9]{1,3}(?:\\.[0-9]{1,3}){3})|\\[(?<six>[0-9a-fA-F:.]{2,45})])(?::[0-9]+)?"
          + "|(?<bare>[0-9a-fA-F]*:[0-9a-fA-F:.]{1,44})");

  private Set<String> trusted = Set.of();

  /** For the proxy of CDI. */
  protected ClientAddress() {}

  @Inject
  public ClientAddress(Settings settings) {
    this.trusted = settings.trustedProxies().stream()
        .map(address -> address(address).orElse(address))
        .collect(Collectors.toSet());
  }

  public String of(HttpServletRequest request) {
    return of(
        request.getRemoteAddr(),
        Collections.list(request.getHeaders("Forwarded")),
        Collections.list(request.getHeaders("X-Forwarded-For")));
  }

  /** Whether an address is that of a trusted proxy. */
  boolean isTrusted(String remote) {
    return trusted.contains(address(remote).orElse(remote));
  }

  String of(String remote, List<String> forwarded, List<String> xForwardedFor) {
    String connection = address(remote).orElse(remote);
    if (forwarded.isEmpty()) {
      return nearest(connection, listed(xForwardedFor));
    }
    String byForwarded = nearest(connection, forwardedFor(forwarded));
    if (xForwardedFor.isEmpty()) {
      return byForwarded;
    }
    // A proxy that writes one of the two hands on what the client wrote into the other: if they
    // differ, nobody knows which.
    return byForwarded.equals(nearest(connection, listed(xForwardedFor)))
        ? byForwarded
        : connection;
  }

  /** The nearest address that is no trusted proxy: what stands further left anybody could have written. */
  private String nearest(String connection, List<String> path) {
    String nearest = connection;
    for (int i = path.size() - 1; i >= 0 && trusted.contains(nearest); i--) {
      Optional<String> before = address(path.get(i));
      if (before.isEmpty()) {
        break;
      }
      nearest = before.get();
    }
    return nearest;
  }

  /** The one spelling of a literal address; empty if it is none. Looks no name up. */
  private static Optional<String> address(String text) {
    Matcher node = NODE.matcher(text);
    if (!node.matches()) {
      return Optional.empty();
    }
    String literal = node.group("four") != null
        ? node.group("four")
        : node.group("six") != null ? node.group("six") : node.group("bare");
    try {
      return Optional.of(InetAddress.getAllByName(literal)[0].getHostAddress());
    } catch (UnknownHostException e) {
      return Optional.empty(); // Looks like one, as 999.1.1.1 does.
    }
  }

  private static List<String> listed(List<String> headers) {
    List<String> addresses = new ArrayList<>();
    for (String header : headers) {
      for (String address : header.split(",", -1)) {
        addresses.add(address.trim());
      }
    }
    return addresses;
  }

  private static List<String> forwardedFor(List<String> headers) {
    List<String> addresses = new ArrayList<>();
    for (String header : headers) {
      Matcher matcher = FORWARDED_FOR.matcher(header);
      while (matcher.find()) {
        addresses.add(matcher.group(1).replace("\"", ""));
      }
    }
    return addresses;
  }
}
