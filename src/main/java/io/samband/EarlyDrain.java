package io.samband;

/**
 * Ends the streams as soon as the process is told to end. Open Liberty stops an application only when all its requests have ended, or
 * cuts their connections after a time. The other servers stop the application first, which ends the streams.
 */
final class EarlyDrain {
  private final Thread hook;

  /** {@code drain} is called in a thread of the JVM's shutdown. */
  EarlyDrain(Runnable drain) {
    hook = new Thread(drain, "samband-drain");
  }

  void begin() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Otherwise the JVM would keep an application that was undeployed. */
  void end() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook has run.
    }
  }
}
