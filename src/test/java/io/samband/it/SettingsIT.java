package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import io.samband.testing.Rounds;
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

  @Test
  void anUnknownKeyInTheEnvironmentStopsTheDeploymentAndNamesTheKeyAndWhatIsAllowed() {
    Rounds.onceInABuild();
    assertThatThrownBy(() ->
            LiveServer.start(Map.of(), Map.of("SAMBAND_STREAM_WORKER", "2")).close())
        .isInstanceOf(LiveServer.DeploymentFailed.class)
        .hasMessageContaining("The deployment was refused")
        .message()
        .containsPattern("(?i)samband.stream.worker .*samband\\.stream\\.workers");
  }

  @Test
  void anUnknownSystemPropertyStopsTheDeploymentAndNamesTheKeyAndWhatIsAllowed() {
    Rounds.onceInABuild();
    assertThatThrownBy(
            () -> LiveServer.start(Map.of("samband.stream.worker", "2")).close())
        .isInstanceOf(LiveServer.DeploymentFailed.class)
        .hasMessageContaining("The deployment was refused")
        .message()
        .containsPattern("samband\\.stream\\.worker .*samband\\.stream\\.workers");
  }

  @Test
  void anOutboxWithoutDataSourceOrTablesStopsTheDeploymentAndSaysWhatToDo() {
    Rounds.onceInABuild();
    assertThatThrownBy(() -> LiveServer.start(
                Map.of("samband.outbox.data-source", "java:comp/env/jdbc/nowhere"))
            .close())
        .isInstanceOf(LiveServer.DeploymentFailed.class)
        .hasMessageContaining("The deployment was refused")
        .message()
        .containsPattern("samband\\.outbox\\.data-source.*jdbc/nowhere.*JNDI name");
    assertThatThrownBy(() -> LiveServer.start(
                Map.of("samband.outbox.data-source", "java:comp/DefaultDataSource"))
            .close())
        .isInstanceOf(LiveServer.DeploymentFailed.class)
        .hasMessageContaining("The deployment was refused")
        .message()
        .containsPattern("samband\\.outbox\\.data-source.*DefaultDataSource.*"
            + "samband\\.outbox\\.create-table=true.*no table samband_outbox");
  }

  @Test
  void aDataSourceOfTheExampleModuleThatIsNotThereStopsTheDeployment() {
    assertThatThrownBy(() -> LiveServer.start(
                Map.of("samband.dispatch.data-source", "java:comp/env/jdbc/nowhere"))
            .close())
        .isInstanceOf(LiveServer.DeploymentFailed.class)
        .hasMessageContaining("The deployment was refused")
        .message()
        .containsPattern("samband\\.dispatch\\.data-source.*jdbc/nowhere.*JNDI name");
  }

  @Test
  void knownKeysAreTakenFromTheEnvironmentAlsoWhereTheyHaveHyphens() {
    try (LiveServer server = LiveServer.start(
        Map.of(),
        Map.of("SAMBAND_POLL_MILLIS", "7000", "SAMBAND_STREAM_KEEPALIVE_MILLIS", "3000"))) {
      assertThat(server.http().get("api/sse/poll").json().asJsonObject().getInt("pollMillis"))
          .isEqualTo(7_000);
      try (RawStream stream = server.stream("api/sse")) {
        assertThat(stream.next().data()).contains("\"keepaliveMillis\":3000");
      }
    }
  }
}
