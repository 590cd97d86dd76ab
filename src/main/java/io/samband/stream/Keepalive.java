package io.samband.stream;

import jakarta.ejb.Schedule;
import jakarta.ejb.Singleton;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;

/**
 * Asks every second for keepalives and evictions. Not the only clock: the workers notice when it stops (ADR 17), because the
 * container's timer follows the wall clock and shares its threads with other modules.
 */
@Singleton
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class Keepalive {
  @Inject
  private EventLogBroadcaster broadcaster;

  private boolean hasBegun;

  /**
   * From now on the ticks count. Until then they would be the first to open the log; of a deployment that is refused, one of
   * the servers keeps the timer.
   */
  public void begin() {
    hasBegun = true;
  }

  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  void tick() {
    if (hasBegun) {
      broadcaster.keepalive();
    }
  }
}
