package io.samband.auth;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The token that a request carries. Headers are read as they were sent, because containers differ in what they make of a cookie
 * that is there twice or is not well-formed.
 *
 * @param source bearer or cookie
 */
record Credentials(Identity.Source source, String token) {
  private static final Pattern BEARER = Pattern.compile("(?i)Bearer +([^ ]+) *");
  private static final Pattern BEARER_SCHEME = Pattern.compile("(?i)Bearer( .*)?");

  /**
   * The first source that is present decides, even if it is not good.
   *
   * @throws Refusal.Refused if there are two of a kind
   */
  static Optional<Credentials> of(HttpServletRequest request, String cookie)
      throws Refusal.Refused {
    Optional<Credentials> bearer = bearer(Collections.list(request.getHeaders("Authorization")));
    return bearer.isPresent()
        ? bearer
        : cookie(Collections.list(request.getHeaders("Cookie")), cookie);
  }

  static Optional<Credentials> bearer(List<String> headers) throws Refusal.Refused {
    if (headers.size() > 1) {
      throw Refusal.malformed("send one Authorization header", "two_authorization_headers")
          .thrown();
    }
    if (headers.isEmpty() || !BEARER_SCHEME.matcher(headers.get(0)).matches()) {
      // Another scheme is the business of the container.
      return Optional.empty();
    }
    Matcher bearer = BEARER.matcher(headers.get(0));
    if (!bearer.matches()) {
      throw Refusal.badIdentity("malformed_authorization").thrown();
    }
    return Optional.of(new Credentials(Identity.Source.BEARER, bearer.group(1)));
  }

  static Optional<Credentials> cookie(List<String> headers, String name) throws Refusal.Refused {
    List<String> values = new ArrayList<>();
    for (String header : headers) {
      for (String pair : header.split(";", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0 && pair.substring(0, equals).trim().equals(name)) {
          values.add(unquoted(pair.substring(equals + 1).trim()));
        }
      }
    }
    if (values.size() > 1) {
      throw Refusal.malformed("send one cookie " + name, "two_cookies").thrown();
    }
    return values.isEmpty()
        ? Optional.empty()
        : Optional.of(new Credentials(Identity.Source.COOKIE, values.get(0)));
  }

  private static String unquoted(String value) {
    boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
    return quoted ? value.substring(1, value.length() - 1) : value;
  }

  /** Without the token. */
  @Override
  public String toString() {
    return source.toString();
  }
}
