package io.samband.stream;

import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebListener;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionIdListener;
import jakarta.servlet.http.HttpSessionListener;

/**
 * Ends the streams of a session of the container when that ends. A session whose id changes counts as ended: containers change it when
 * somebody signs in, who may be somebody else.
 */
@WebListener
public class SessionListener implements HttpSessionListener, HttpSessionIdListener {
  @Inject
  private EventLogBroadcaster broadcaster;

  @Override
  public void sessionDestroyed(HttpSessionEvent event) {
    broadcaster.endOfSession(event.getSession().getId());
  }

  @Override
  public void sessionIdChanged(HttpSessionEvent event, String oldSessionId) {
    broadcaster.endOfSession(oldSessionId);
  }
}
