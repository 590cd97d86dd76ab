package io.samband.settings;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
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
      return Settings.of(
          key -> config.getOptionalValue(key, String.class), config.getPropertyNames());
    } catch (BadSettingException e) {
      // Logged here: one of the servers says no more than that the deployment failed.
      System.getLogger(SettingsProducer.class.getName())
          .log(System.Logger.Level.ERROR, e.getMessage());
      throw e;
    }
  }
}
