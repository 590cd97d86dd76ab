package io.samband.testing;

import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/**
 * The loggers of {@link System#getLogger} in unit tests: whoever listens gets each line, in the thread that logs. Without it they would be
 * those of jboss-modules, a library of the tests, which only collects the lines.
 */
public final class HeardLoggers extends System.LoggerFinder {
  private static final List<BiConsumer<String, String>> LISTENERS = new CopyOnWriteArrayList<>();

  /** From now on this is given the logger's name and the message, without its values. */
  public static void listen(BiConsumer<String, String> listener) {
    LISTENERS.add(listener);
  }

  public static void forget(BiConsumer<String, String> listener) {
    LISTENERS.remove(listener);
  }

  @Override
  public System.Logger getLogger(String name, Module module) {
    return new Heard(name);
  }

  private record Heard(String name) implements System.Logger {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public boolean isLoggable(Level level) {
      return level.getSeverity() >= Level.INFO.getSeverity();
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
      tell(level, message);
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String message, Object... values) {
      tell(level, message);
    }

    private void tell(Level level, String message) {
      if (isLoggable(level)) {
        LISTENERS.forEach(listener -> listener.accept(name, message));
      }
    }
  }
}
