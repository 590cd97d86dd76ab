package io.samband.dispatch;

import io.samband.event.SSEEvent;
import io.samband.event.SSEEventType;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Instant;

/** One change of a vehicle: the row and its event in one transaction, so that there are both or none. */
@ApplicationScoped
public class VehicleChange {
  @Inject
  private VehicleDatabase database;

  @Inject
  private Event<SSEEvent> push;

  /**
   * As {@link Vehicles#change}, once.
   *
   * @throws RuntimeException that {@link Conflicts} knows, if another transaction was faster
   */
  @Transactional
  public Vehicle make(String id, String status, Long seen) {
    try (EntityManager entities = database.entities()) {
      VehicleEntity vehicle = entities.find(VehicleEntity.class, id, lockFor(seen));
      checkVersion(id, vehicle, seen);
      if (vehicle == null) {
        vehicle = new VehicleEntity(id, status, Instant.now());
        entities.persist(vehicle);
      } else {
        vehicle.change(status, Instant.now());
      }
      // Written now, and not at the commit: it counts up the version, which is a part of the event.
      entities.flush();
      Vehicle changed = vehicle.shown();
      push.fire(SSEEvent.of(SSEEventType.BILSTATUS_UPDATE, changed));
      return changed;
    }
  }

  /**
   * Of changes that overwrite any version, all succeed: they take turns. One that names its version needs no lock, because
   * if another is faster it must fail, and does by the version of the row.
   */
  private static LockModeType lockFor(Long seen) {
    return seen == null ? LockModeType.PESSIMISTIC_WRITE : LockModeType.NONE;
  }

  private static void checkVersion(String id, VehicleEntity vehicle, Long seen) {
    Vehicle current = vehicle == null ? new Vehicle(id, "", 0, "") : vehicle.shown();
    if (seen != null && seen != current.version()) {
      throw new ChangedMeanwhileException(current);
    }
  }
}
