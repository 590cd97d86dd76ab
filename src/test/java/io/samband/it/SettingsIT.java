package io.samband.it;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.samband.testing.LiveServer;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsIT {
  @Test
  void aBadValueStopsTheDeploymentAndNamesKeyValueAndWhatIsAllowed() {
    assertThatThrownBy(() -> LiveServer.start(Map.of("samband.poll.millis", "soon")))
        .isInstanceOf(LiveServer.DeploymentFailed.class)
        .hasMessageContaining("The deployment was refused")
        .message()
        .containsPattern("samband\\.poll\\.millis.*soon.*[0-9]+.*[0-9]+");
  }
}
