package io.samband.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Ignores an {@code Accept} header that is not well-formed (RFC 9110, section 12.5.1): it says nothing about what the client
 * takes, and the JAX-RS runtimes answer some of them with 500. Likewise a {@code Content-Type}, which Jersey answers with a page
 * of the container: without it a call that needs a body answers 415.
 */
public class AcceptFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  private static final String ACCEPT = "Accept";
  private static final String CONTENT_TYPE = "Content-Type";
  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

  /** One media range. The quality has to be a number from 0 to 1 with at most three digits after the point. */
  private static final Pattern MEDIA_RANGE =
      Pattern.compile("\\s*(?:\\*/\\*|(?!\\*/)" + TOKEN + "/(?:\\*|(?!\\*)"
          + TOKEN + "))(?:\\s*;\\s*(?!q=)" + TOKEN + "=(?:" + TOKEN
          + "|\"[^\"\\\\,;]*\"))*(?:\\s*;\\s*q=(?:0(?:\\.[0-9]{0,3})?|1(?:\\.0{0,3})?))?\\s*");

  /** A longer header is no browser's, and each range costs the runtime a comparison with each method. */
  private static final int MAX_LENGTH = 1_000;

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    chain.doFilter(checked(request), response);
  }

  /** The request, without those of the two headers that are not well-formed. */
  static HttpServletRequest checked(HttpServletRequest request) {
    Set<String> hidden = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    if (!allMatch(request, ACCEPT, AcceptFilter::isWellFormed)) {
      hidden.add(ACCEPT);
    }
    if (!allMatch(request, CONTENT_TYPE, AcceptFilter::isMediaType)) {
      hidden.add(CONTENT_TYPE);
    }
    return hidden.isEmpty() ? request : new WithoutHeaders(request, hidden);
  }

  private static boolean allMatch(
      HttpServletRequest request, String header, Predicate<String> wellFormed) {
    return Collections.list(request.getHeaders(header)).stream().allMatch(wellFormed);
  }

  static boolean isMediaType(String contentType) {
    // A semicolon may be followed by nothing (RFC 9110, section 5.6.6).
    return contentType.length() <= MAX_LENGTH
        && MEDIA_RANGE.matcher(contentType.replaceFirst("[;\\s]{1,8}$", "")).matches();
  }

  static boolean isWellFormed(String accept) {
    if (accept.length() > MAX_LENGTH) {
      return false;
    }
    for (String range : accept.split(",", -1)) {
      if (!MEDIA_RANGE.matcher(range).matches()) {
        return false;
      }
    }
    return true;
  }

  private static final class WithoutHeaders extends HttpServletRequestWrapper {
    private final Set<String> hidden;

    WithoutHeaders(HttpServletRequest request, Set<String> hidden) {
      super(request);
      this.hidden = hidden;
    }

    @Override
    public String getHeader(String name) {
      return hidden.contains(name) ? null : super.getHeader(name);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
      return hidden.contains(name) ? Collections.emptyEnumeration() : super.getHeaders(name);
    }

    @Override
    public Enumeration<String> getHeaderNames() {
      return Collections.enumeration(Collections.list(super.getHeaderNames()).stream()
          .filter(name -> !hidden.contains(name))
          .toList());
    }

    @Override
    public String getContentType() {
      return hidden.contains(CONTENT_TYPE) ? null : super.getContentType();
    }
  }
}
