package io.samband.log;

import io.samband.settings.Settings;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;

/** Opens the log of this deployment when it is first needed, and closes it at the deployment's end. */
@ApplicationScoped
public class EventLogProducer {
  @Produces
  @ApplicationScoped
  EventLog open(Settings settings) {
    return new TimedEventLog(EmbeddedEventLog.open(settings));
  }

  void close(@Disposes EventLog log) {
    log.close();
  }
}
