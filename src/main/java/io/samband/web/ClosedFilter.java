package io.samband.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers 404 for paths that only requests that were forwarded may reach. */
public class ClosedFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException {
    ResponseHeadersFilter.setCallHeaders(response);
    Problem.write(response, HttpServletResponse.SC_NOT_FOUND, Problem.NOTHING_HERE);
  }
}
