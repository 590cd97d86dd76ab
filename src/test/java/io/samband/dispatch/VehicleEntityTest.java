package io.samband.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class VehicleEntityTest {
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00.123Z");

  @Test
  void aNewVehicleHasVersionOneWithEveryProvider() {
    assertThat(new VehicleEntity("A1", "available", NOW).shown())
        .isEqualTo(new Vehicle("A1", "available", 1, "2026-11-23T14:00:00.123Z"));
  }

  @Test
  void everyChangeMakesTheRowDifferAlsoToTheSameStatusInTheSameMillisecond() {
    var vehicle = new VehicleEntity("A1", "available", NOW);
    for (int i = 0; i < 3; i++) {
      Vehicle before = vehicle.shown();
      vehicle.change("available", NOW);
      assertThat(vehicle.shown()).isNotEqualTo(before);
    }
    vehicle.change("on_scene", NOW);
    assertThat(vehicle.shown().updatedAt()).isEqualTo("2026-11-23T14:00:00.123Z");
  }
}
