package io.samband.dispatch;

import io.samband.event.Timestamps;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;

/** A row of the table {@code samband_vehicle}. It belongs to one transaction; what is shown is a {@link Vehicle}. */
@Entity(name = "Vehicle")
@Table(name = "samband_vehicle")
public class VehicleEntity {
  /** Of a row that is made: Hibernate would begin with 0, EclipseLink begins with 1 whatever stands here. */
  private static final long FIRST_VERSION = 1;

  @Id
  @Column(name = "id", length = 32)
  private String id;

  @Column(name = "status", length = 32, nullable = false)
  private String status;

  /** Counted up by JPA with each change, which fails if another transaction was faster. */
  @Version
  @Column(name = "version", nullable = false)
  private long version;

  /** ISO 8601 in UTC, as it is shown. */
  @Column(name = "updated_at", length = 24, nullable = false)
  private String updatedAt;

  /** For JPA. */
  protected VehicleEntity() {}

  VehicleEntity(String id, String status, Instant now) {
    this.id = id;
    this.status = status;
    this.version = FIRST_VERSION;
    this.updatedAt = Timestamps.format(now);
  }

  void change(String newStatus, Instant now) {
    String time = Timestamps.format(now);
    if (newStatus.equals(status) && time.equals(updatedAt)) {
      // JPA writes, and counts up the version, only if the row differs.
      time = Timestamps.format(now.plusMillis(1));
    }
    status = newStatus;
    updatedAt = time;
  }

  /** The vehicle as it is now; its version is that of the last flush. */
  Vehicle shown() {
    return new Vehicle(id, status, version, updatedAt);
  }
}
