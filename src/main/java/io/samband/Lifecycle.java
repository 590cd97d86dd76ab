package io.samband;

import io.samband.auth.AuthMode;
import io.samband.auth.Identities;
import io.samband.auth.Rights;
import io.samband.event.EventId;
import io.samband.event.SSEEvent;
import io.samband.log.EventLog;
import io.samband.metrics.DeploymentMetrics;
import io.samband.outbox.Outbox;
import io.samband.presence.Presence;
import io.samband.settings.BadSettingException;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import io.samband.settings.SettingsCheck;
import io.samband.stream.EventLogBroadcaster;
import io.samband.stream.Keepalive;
import io.samband.web.Calls;
import io.samband.web.OpenLiberty;
import jakarta.enterprise.event.Event;
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
  private Identities identities;

  @Inject
  private Rights rights;

  @Inject
  private EventLog log;

  @Inject
  private Outbox outbox;

  @Inject
  private Event<SettingsCheck> check;

  @Inject
  private EventLogBroadcaster broadcaster;

  @Inject
  private Keepalive keepalive;

  @Inject
  private Presence presence;

  @Inject
  private DeploymentMetrics metrics;

  private final EarlyDrain earlyDrain = new EarlyDrain(() -> broadcaster.close());

  /** Of a deployment that was refused nothing is to be closed: the first call to each bean would make it, and open the log. */
  private boolean isAccepted;

  @Override
  public void contextInitialized(ServletContextEvent event) {
    checkSettings();
    // The first call to each bean makes it: the log is open and the broadcaster follows it before
    // the first request.
    EventId newest = log.newestId();
    isAccepted = true;
    new Entrance(event.getServletContext()).open(new Calls(settings.httpPath()));
    SSEEvent.limitDataBytes(settings.integer(Setting.EVENT_MAX_DATA_BYTES));
    System.getLogger(Lifecycle.class.getName())
        .log(
            System.Logger.Level.INFO,
            "[SSE] started node={0} newest={1} subscribers={2,number,#}",
            settings.nodeName(),
            newest,
            broadcaster.subscribers());
    keepalive.begin();
    metrics.start();
    outbox.start();
    presence.start();
    if (OpenLiberty.isServerOf(event.getServletContext())) {
      earlyDrain.begin();
    }
  }

  /** Before the log is opened, so that a bad rule does not touch it. */
  private void checkSettings() {
    System.Logger logger = System.getLogger(Lifecycle.class.getName());
    try {
      H2Version.check();
      // The first call to each bean makes it.
      AuthMode mode = identities.mode();
      rights.check();
      outbox.open();
      check.fire(new SettingsCheck());
      if (mode == AuthMode.OPEN) {
        logger.log(
            System.Logger.Level.WARNING,
            "[SSE] samband.auth.mode is open: everybody who reaches this server has all rights");
      }
    } catch (BadSettingException | IllegalStateException e) {
      // Logged here, because one of the servers only says that the deployment failed.
      logger.log(System.Logger.Level.ERROR, e.getMessage());
      throw e;
    }
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    outbox.close();
    if (isAccepted) {
      earlyDrain.end();
      broadcaster.close();
      // Afterwards, so that its streams are seen until they have ended.
      presence.close();
      log.close();
    }
  }
}
