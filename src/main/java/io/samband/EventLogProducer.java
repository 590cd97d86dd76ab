package io.samband;

import io.samband.log.EventLog;
import io.samband.log.Retention;
import io.samband.log.h2.H2Engine;
import io.samband.log.pending.PendingEventLog;
import io.samband.log.pending.TimedEventLog;
import io.samband.settings.Settings;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;

/** Chooses the engine of this deployment, opens the log when it is first needed, and closes it at the deployment's end. */
@ApplicationScoped
public class EventLogProducer {
  @Produces
  @ApplicationScoped
  EventLog open(Settings settings) {
    var engine = new H2Engine(settings.dataDir(), settings.dataSync(), Retention.of(settings));
    return new TimedEventLog(PendingEventLog.open(engine, settings));
  }

  void close(@Disposes EventLog log) {
    log.close();
  }
}
