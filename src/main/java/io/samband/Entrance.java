package io.samband;

import io.samband.auth.Guard;
import io.samband.web.Calls;
import io.samband.web.ClosedFilter;
import io.samband.web.ResponseHeadersFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/**
 * Puts our filters before all others of the deployment: the guard on our calls, which it forwards, so that filters of the
 * application do not see them; and one that closes the path to which they are forwarded.
 */
final class Entrance {
  private final ServletContext context;

  Entrance(ServletContext context) {
    this.context = context;
  }

  void open(Calls calls) {
    first("samband-guard", Guard.class, calls.patterns());
    first("samband-closed", ClosedFilter.class, innerPatterns());
    first("samband-headers", ResponseHeadersFilter.class, List.of("/client/*"));
  }

  /** Applications that take whatever resources they find have ours below their own paths. */
  private List<String> innerPatterns() {
    List<String> patterns = new ArrayList<>(List.of("/" + Calls.INNER + "/*"));
    for (ServletRegistration servlet : context.getServletRegistrations().values()) {
      for (String mapping : servlet.getMappings()) {
        if (mapping.endsWith("/*")) {
          patterns.add(mapping.substring(0, mapping.length() - 1) + Calls.INNER + "/*");
        }
      }
    }
    return patterns.stream().distinct().toList();
  }

  /** The deployment may have declared the filter, with more paths. */
  private void first(String name, Class<? extends Filter> type, List<String> patterns) {
    FilterRegistration.Dynamic added = context.addFilter(name, type);
    if (added != null) {
      added.setAsyncSupported(true);
    }
    FilterRegistration filter = added == null ? context.getFilterRegistration(name) : added;
    filter.addMappingForUrlPatterns(
        EnumSet.of(DispatcherType.REQUEST), false, patterns.toArray(String[]::new));
  }
}
