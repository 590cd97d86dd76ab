package io.samband.web;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The scheme under which a browser sent a request, as far as it is known: a proxy in front may have ended TLS. */
@ApplicationScoped
public class ClientScheme {
  private static final Pattern FORWARDED_PROTO =
      Pattern.compile("(?i)(?:^|[;,\\s])proto=\"?(https?)\"?(?=[;,\\s]|$)");
  private static final Set<String> KNOWN = Set.of("http", "https");

  @Inject
  ClientAddress clientAddress;

  /** {@code http} or {@code https}; empty if it is not known. Only the headers of a trusted proxy count. */
  public Optional<String> of(HttpServletRequest request) {
    if (!clientAddress.isTrusted(request.getRemoteAddr())) {
      return request.isSecure() ? Optional.of("https") : Optional.empty();
    }
    Optional<String> said = said(
        Collections.list(request.getHeaders("Forwarded")),
        Collections.list(request.getHeaders("X-Forwarded-Proto")));
    return said.isEmpty() && request.isSecure() ? Optional.of("https") : said;
  }

  /** What all the headers say; empty if they differ. */
  static Optional<String> said(List<String> forwarded, List<String> xForwardedProto) {
    Set<String> schemes = new TreeSet<>();
    for (String header : forwarded) {
      Matcher matcher = FORWARDED_PROTO.matcher(header);
      while (matcher.find()) {
        schemes.add(matcher.group(1).toLowerCase(Locale.ROOT));
      }
    }
    for (String header : xForwardedProto) {
      for (String scheme : header.split(",", -1)) {
        schemes.add(scheme.trim().toLowerCase(Locale.ROOT));
      }
    }
    return schemes.size() == 1
        ? schemes.stream().filter(KNOWN::contains).findAny()
        : Optional.empty();
  }
}
