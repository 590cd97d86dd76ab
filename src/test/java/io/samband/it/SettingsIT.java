package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import io.samband.testing.Rounds;
import java.nio.file.Path;
import java.util.Map;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.jboss.shrinkwrap.api.importer.ZipImporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsIT {
  @TempDir
  private static Path work;

  private static LiveServer server;

  @BeforeAll
  static void start() {
    server = LiveServer.startBare(Map.of());
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  /** The setting is in the WAR, where MicroProfile Config finds it, too: one server refuses one after the other. */
  private static void assertRefused(String key, String value, String message) {
    WebArchive war = ShrinkWrap.create(ZipImporter.class, "samband.war")
        .importFrom(LiveServer.war().toFile())
        .as(WebArchive.class)
        .addAsResource(
            new StringAsset(key + "=" + value), "META-INF/microprofile-config.properties");
    Path file = work.resolve("samband.war");
    war.as(ZipExporter.class).exportTo(file.toFile(), true);
    assertThatThrownBy(() -> server.deploy(file))
        .isInstanceOf(LiveServer.DeploymentFailed.class)
        .hasMessageContaining("The deployment was refused")
        .message()
        .containsPattern(message);
    assertLogIsClosed();
  }

  private static void assertLogIsClosed() {
    assertThat(server.log()).doesNotContain("event log open");
  }

  @Test
  void aBadValueStopsTheDeploymentAndNamesKeyValueAndWhatIsAllowed() {
    assertRefused("samband.poll.millis", "soon", "samband\\.poll\\.millis.*soon.*[0-9]+.*[0-9]+");
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
    assertRefused(
        "samband.outbox.data-source",
        "java:comp/env/jdbc/nowhere",
        "samband\\.outbox\\.data-source.*jdbc/nowhere.*JNDI name");
    assertRefused(
        "samband.outbox.data-source",
        "java:comp/DefaultDataSource",
        "samband\\.outbox\\.data-source.*DefaultDataSource.*"
            + "samband\\.outbox\\.create-table=true.*no table samband_outbox");
  }

  @Test
  void aDataSourceOfTheExampleModuleThatIsNotThereStopsTheDeployment() throws InterruptedException {
    assertRefused(
        "samband.dispatch.data-source",
        "java:comp/env/jdbc/nowhere",
        "samband\\.dispatch\\.data-source.*jdbc/nowhere.*JNDI name");
    // WildFly keeps the timer of a deployment that failed. It ticks every second.
    Thread.sleep(2_500);
    assertLogIsClosed();
  }

  @Test
  void knownKeysAreTakenFromTheEnvironmentAlsoWhereTheyHaveHyphens() {
    try (LiveServer own = LiveServer.start(
        Map.of(),
        Map.of("SAMBAND_POLL_MILLIS", "7000", "SAMBAND_STREAM_KEEPALIVE_MILLIS", "3000"))) {
      assertThat(own.http().get("api/sse/poll").json().asJsonObject().getInt("pollMillis"))
          .isEqualTo(7_000);
      try (RawStream stream = own.stream("api/sse")) {
        assertThat(stream.next().data()).contains("\"keepaliveMillis\":3000");
      }
    }
  }
}
