package io.samband;

import io.samband.log.EventLog;
import io.samband.log.LogEngine;
import io.samband.log.Retention;
import io.samband.log.h2.H2Engine;
import io.samband.log.pending.PendingEventLog;
import io.samband.log.pending.TimedEventLog;
import io.samband.log.postgres.PostgresSettings;
import io.samband.log.postgres.PostgresStore;
import io.samband.log.shared.SharedEngine;
import io.samband.settings.BadSettingException;
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
    return new TimedEventLog(PendingEventLog.open(engine(settings), settings));
  }

  private static LogEngine engine(Settings settings) {
    Retention retention = Retention.of(settings);
    try {
      return switch (settings.logKind()) {
        case EMBEDDED -> new H2Engine(settings.dataDir(), settings.dataSync(), retention);
        case POSTGRESQL ->
          new SharedEngine(new PostgresStore(PostgresSettings.of(settings)), retention);
      };
    } catch (BadSettingException e) {
      // Logged here, because one of the servers only says that the deployment failed.
      System.getLogger(EventLogProducer.class.getName())
          .log(System.Logger.Level.ERROR, e.getMessage());
      throw e;
    }
  }

  void close(@Disposes EventLog log) {
    log.close();
  }
}
