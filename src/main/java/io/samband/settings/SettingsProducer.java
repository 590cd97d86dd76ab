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
    return Settings.of(
        key -> config.getOptionalValue(key, String.class), config.getPropertyNames());
  }
}
