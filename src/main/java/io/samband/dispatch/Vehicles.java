package io.samband.dispatch;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import java.util.List;

/** The vehicles, the same on all nodes that have one database. Any thread. */
@ApplicationScoped
public class Vehicles {
  private static final String ALL = "SELECT v FROM Vehicle v ORDER BY v.id";

  @Inject
  private VehicleDatabase database;

  @Inject
  private VehicleChange change;

  /**
   * Changes a vehicle's status, or makes the vehicle, and pushes that. Not within a transaction: it is one.
   *
   * @param seen the version that the sender has seen, 0 for a new vehicle; null to overwrite any
   * @throws ChangedMeanwhileException if it has another version
   */
  public Vehicle change(String id, String status, Long seen) {
    database.open();
    return Conflicts.repeat(() -> change.make(id, status, seen));
  }

  /** All of them, in the order of their ids. */
  public List<Vehicle> all() {
    database.open();
    try (EntityManager entities = database.entities()) {
      return entities
          .createQuery(ALL, VehicleEntity.class)
          .getResultStream()
          .map(VehicleEntity::shown)
          .toList();
    }
  }
}
