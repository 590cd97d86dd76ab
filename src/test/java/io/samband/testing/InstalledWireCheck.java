package io.samband.testing;

import java.util.ServiceLoader;

/**
 * The check of this JVM: {@link DocumentedWire}, and none in tests that run inside of a server, which has no library for it. So it is
 * found as a service.
 */
public final class InstalledWireCheck {
  static final WireCheck INSTANCE = ServiceLoader.load(
          WireCheck.class, InstalledWireCheck.class.getClassLoader())
      .findFirst()
      .orElseGet(() -> new WireCheck() {});

  private InstalledWireCheck() {}
}
