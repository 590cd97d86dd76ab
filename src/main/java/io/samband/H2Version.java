package io.samband;

import java.security.CodeSource;
import org.h2.engine.Constants;

/**
 * Which H2 the class loader gives us. Payara carries one of another version and prefers it to that of the WAR, unless the WAR says
 * otherwise. Files of the event log are not readable by every version, and not every version keeps what it has committed (ADR 4).
 */
final class H2Version {
  /** Constants of the compiler: they stand in this class as they were when it was compiled. */
  private static final String TESTED =
      Constants.VERSION_MAJOR + "." + Constants.VERSION_MINOR + "." + Constants.BUILD_ID;

  private H2Version() {}

  /**
   * Checks it.
   *
   * @throws IllegalStateException if it is another one; the message says where it comes from and what to do
   */
  static void check() {
    CodeSource source = Constants.class.getProtectionDomain().getCodeSource();
    check(
        Constants.VERSION,
        source == null ? "an unknown place" : String.valueOf(source.getLocation()));
  }

  static void check(String found, String location) {
    if (!found.equals(TESTED)) {
      throw new IllegalStateException(
          "[SSE] this deployment gets H2 " + found + " from " + location + " and needs " + TESTED
              + ". On Payara and GlassFish, put WEB-INF/glassfish-web.xml into the WAR, with"
              + " <class-loader delegate=\"false\"/>: otherwise the server's own libraries are used in place"
              + " of the WAR's");
    }
  }
}
