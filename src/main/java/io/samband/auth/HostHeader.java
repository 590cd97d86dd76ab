package io.samband.auth;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The host that a request was sent to (RFC 9110, section 7.2).
 *
 * @param name in lower case, without a dot at its end; an IPv6 address in brackets
 * @param port null if none is named
 */
record HostHeader(String name, Integer port) {
  private static final Pattern HOST =
      Pattern.compile("(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?");

  /** Empty if there is not exactly one, or it is not well-formed. */
  static Optional<HostHeader> of(List<String> headers) {
    return headers.size() == 1 ? parse(headers.get(0)) : Optional.empty();
  }

  static Optional<HostHeader> parse(String text) {
    Matcher host = HOST.matcher(text);
    if (!host.matches()) {
      return Optional.empty();
    }
    String name = host.group(1).toLowerCase(Locale.ROOT);
    String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    Integer port = host.group(2) == null ? null : Integer.valueOf(host.group(2));
    return bare.isEmpty() ? Optional.empty() : Optional.of(new HostHeader(bare, port));
  }

  /** Whether this is the host that a setting names; a setting without a port allows every port. */
  boolean isNamedBy(HostHeader setting) {
    return name.equals(setting.name) && (setting.port == null || setting.port.equals(port));
  }
}
