package io.samband.web;

import jakarta.servlet.ServletContext;

/** Tells the one server on which streams have to be written and ended in another way than the Servlet API says. */
public final class OpenLiberty {
  private OpenLiberty() {}

  /** {@return whether the deployment is on Open Liberty} */
  public static boolean isServerOf(ServletContext context) {
    return context.getServerInfo().contains("Liberty");
  }
}
