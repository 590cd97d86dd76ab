package io.samband;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class H2VersionTest {
  @Test
  void theVersionThatTheBuildResolvesIsAccepted() {
    H2Version.check();
  }

  @Test
  void anotherOneStopsTheDeploymentAndSaysWhatToDo() {
    assertThatThrownBy(() -> H2Version.check("2.2.224", "file:/server/h2.jar"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("2.2.224 from file:/server/h2.jar and needs 2.")
        .hasMessageContaining("delegate=\"false\"");
  }
}
