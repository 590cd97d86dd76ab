package io.samband.stream;

import jakarta.ejb.Schedule;
import jakarta.ejb.Singleton;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;

/** The clock of the keepalives, and so of finding clients that are gone. */
@Singleton
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class Keepalive {
  @Inject
  private EventLogBroadcaster broadcaster;

  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  void tick() {
    broadcaster.keepalive();
  }
}
