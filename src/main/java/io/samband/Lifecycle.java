package io.samband;

import io.samband.event.SSEEvent;
import io.samband.log.EventLog;
import io.samband.metrics.DeploymentMetrics;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import io.samband.stream.EventLogBroadcaster;
import jakarta.inject.Inject;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;

/**
 * Begins with the deployment, so that a bad setting or a log that cannot be opened stops it; at its end drains the streams
 * before the log is closed.
 */
@WebListener
public class Lifecycle implements ServletContextListener {
  @Inject
  private Settings settings;

  @Inject
  private EventLog log;

  @Inject
  private EventLogBroadcaster broadcaster;

  @Inject
  private DeploymentMetrics metrics;

  @Override
  public void contextInitialized(ServletContextEvent event) {
    SSEEvent.limitDataBytes(settings.integer(Setting.EVENT_MAX_DATA_BYTES));
    // The first call to each bean makes it: the log is open and the broadcaster follows it before
    // the first request.
    System.getLogger(Lifecycle.class.getName())
        .log(
            System.Logger.Level.INFO,
            "[SSE] started newest={0} subscribers={1,number,#}",
            log.newestId(),
            broadcaster.subscribers());
    metrics.start();
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    broadcaster.close();
    log.close();
  }
}
