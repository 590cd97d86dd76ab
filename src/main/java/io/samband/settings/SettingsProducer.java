package io.samband.settings;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/** Hands the settings of MicroProfile Config to whoever injects them. */
@ApplicationScoped
public class SettingsProducer {
  @Produces
  @Singleton
  Settings settings() {
    Config config = ConfigProvider.getConfig();
    try {
      // Containers differ in how they list the environment, so that it is read directly, too.
      Set<String> names = new TreeSet<>(System.getenv().keySet());
      config.getPropertyNames().forEach(names::add);
      return Settings.of(key -> config.getOptionalValue(key, String.class), names);
    } catch (BadSettingException e) {
      // Logged here, because one of the servers only says that the deployment failed.
      System.getLogger(SettingsProducer.class.getName())
          .log(System.Logger.Level.ERROR, e.getMessage());
      throw e;
    }
  }
}
