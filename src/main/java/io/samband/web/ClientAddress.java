package io.samband.web;

import io.samband.settings.Settings;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who asked: the address of the connection, or, if that is a trusted proxy, the address that the proxy says (RFC 7239, else
 * {@code X-Forwarded-For}).
 */
@ApplicationScoped
public class ClientAddress {
  private static final Pattern FORWARDED_FOR =
      Pattern.compile("(?i)(?:^|[;,\\s])for=\"?(\\[[0-9a-f:.]+]|[^\";,\\s:]+)");
  private static final Pattern ADDRESS = Pattern.compile("[0-9a-fA-F:.]{2,45}");

  private List<String> trusted = List.of();

  /** For the proxy of CDI. */
  protected ClientAddress() {}

  @Inject
  public ClientAddress(Settings settings) {
    this.trusted = settings.trustedProxies();
  }

  public String of(HttpServletRequest request) {
    return of(
        request.getRemoteAddr(),
        Collections.list(request.getHeaders("Forwarded")),
        Collections.list(request.getHeaders("X-Forwarded-For")));
  }

  /** The nearest address that is no trusted proxy: what stands further left anybody could have written. */
  String of(String remote, List<String> forwarded, List<String> xForwardedFor) {
    List<String> path = forwarded.isEmpty() ? listed(xForwardedFor) : forwardedFor(forwarded);
    String address = remote;
    for (int i = path.size() - 1; i >= 0 && trusted.contains(address); i--) {
      if (!ADDRESS.matcher(path.get(i)).matches()) {
        break;
      }
      address = path.get(i);
    }
    return address;
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
        addresses.add(matcher.group(1).replaceAll("[\\[\\]]", ""));
      }
    }
    return addresses;
  }
}
