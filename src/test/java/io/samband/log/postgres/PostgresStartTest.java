package io.samband.log.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.samband.log.LogOpenException;
import io.samband.log.LogUnavailableException;
import io.samband.log.Retention;
import io.samband.log.pending.PendingEventLog;
import io.samband.log.shared.SharedEngine;
import io.samband.settings.BadSettingException;
import io.samband.settings.Settings;
import io.samband.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.Driver;

/** What is checked before a node serves anybody. */
class PostgresStartTest {
  @TempDir
  Path dir;

  private final PostgresServer server = PostgresServer.shared();
  private final String schema = Logs.newSchema();

  private Settings settings(String... more) {
    Map<String, String> values = new HashMap<>(Map.of(
        "samband.log.engine",
        "postgresql",
        "samband.postgresql.url",
        server.url(),
        "samband.postgresql.user",
        PostgresServer.USER,
        "samband.postgresql.schema",
        schema,
        "samband.data.wait-millis",
        "0"));
    for (int i = 0; i < more.length; i += 2) {
      values.put(more[i], more[i + 1]);
    }
    return Settings.of(values);
  }

  private static PendingEventLog open(Settings settings) {
    var store = new PostgresStore(PostgresSettings.of(settings));
    return PendingEventLog.open(new SharedEngine(store, Retention.of(settings)), settings);
  }

  @Test
  void theTablesAreMadeInTheirSchemaAndNowhereElse() {
    try (var log = open(settings())) {
      assertThat(log.state().newest()).isZero();
    }
    assertThat(server.query("SELECT count(*) FROM pg_tables WHERE schemaname = '" + schema + "'"))
        .isEqualTo("6");
    assertThat(server.query("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
        .isEqualTo("0");
    assertThat(server.query("SELECT begun_by FROM " + schema + ".epoch"))
        .isEqualTo(settings().nodeName());
  }

  @Test
  void aSchemaThatIsThereNeedsNoRightToMakeOne() {
    server.execute("CREATE ROLE stranger_" + schema + " LOGIN");
    server.execute("CREATE SCHEMA " + schema);
    server.execute("GRANT ALL ON SCHEMA " + schema + " TO stranger_" + schema);
    try (var log = open(settings("samband.postgresql.user", "stranger_" + schema))) {
      assertThat(log.health().isOk()).isTrue();
    }
    assertThatThrownBy(() -> open(settings(
            "samband.postgresql.user", "stranger_" + schema,
            "samband.postgresql.schema", schema + "_other")))
        .isInstanceOf(LogUnavailableException.class)
        .hasMessageContaining("permission denied");
  }

  @Test
  void aLogOfALaterFormatIsRefusedAndNotChanged() {
    open(settings()).close();
    server.execute("UPDATE " + schema + ".meta SET format = 2");
    assertThatThrownBy(() -> open(settings()))
        .isInstanceOf(LogOpenException.class)
        .hasMessageContaining("newer version")
        .hasMessageContaining("format 2");
    assertThat(server.query("SELECT count(*) FROM " + schema + ".epoch")).isEqualTo("1");
  }

  @Test
  void aServerThatDoesNotAnswerIsNamed() {
    assertThatThrownBy(() -> open(
            settings("samband.postgresql.url", "jdbc:postgresql://127.0.0.1:1/x?password=geheim")))
        .isInstanceOf(LogUnavailableException.class)
        .hasMessageContaining("jdbc:postgresql://127.0.0.1:1/x")
        .hasMessageNotContaining("geheim");
  }

  @Test
  void aServerThatComesWithinTheTimeIsWaitedFor() throws Exception {
    try (PostgresServer own = PostgresServer.start()) {
      own.stop();
      Thread starts = new Thread(() -> {
        try {
          Thread.sleep(500);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        own.startAgain();
      });
      starts.start();
      try (var log = open(
          settings("samband.postgresql.url", own.url(), "samband.data.wait-millis", "60000"))) {
        assertThat(log.health().isOk()).isTrue();
      } finally {
        starts.join();
      }
    }
  }

  @Test
  void aServerThatCannotBeReliedOnIsRefused() {
    try (PostgresServer own = PostgresServer.start()) {
      Settings demanding =
          settings("samband.postgresql.url", own.url(), "samband.postgresql.synchronous", "true");
      assertThatThrownBy(() -> open(demanding))
          .isInstanceOf(LogOpenException.class)
          .hasMessageContaining("synchronous_standby_names");
      try (PostgresServer standby = own.addSynchronousStandby()) {
        open(demanding).close();
        assertThatThrownBy(() -> open(settings("samband.postgresql.url", standby.url())))
            .isInstanceOf(LogUnavailableException.class)
            .hasMessageContaining("is a standby");
        own.setting("synchronous_standby_names", "");
      }
      own.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
      assertThatThrownBy(() ->
              open(settings("samband.postgresql.url", own.url().replace("/samband", "/latin"))))
          .isInstanceOf(LogOpenException.class)
          .hasMessageContaining("LATIN1");
      own.setting("fsync", "off");
      assertThatThrownBy(() -> open(settings("samband.postgresql.url", own.url())))
          .isInstanceOf(LogOpenException.class)
          .hasMessageContaining("fsync = off");
      own.setting("fsync", "on");
      own.setting("default_transaction_read_only", "on");
      assertThatThrownBy(() -> open(settings("samband.postgresql.url", own.url())))
          .isInstanceOf(LogUnavailableException.class)
          .hasMessageContaining("read-only");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "samband.log.engine,h2,embedded or postgresql",
    "samband.postgresql.url,'',a JDBC URL such as",
    "samband.postgresql.url,jdbc:mysql://db/x,a JDBC URL such as",
    "samband.postgresql.url,jdbc:postgresql://db:port/x,a JDBC URL such as",
    "samband.postgresql.schema,Log,lower-case",
    "samband.postgresql.schema,pg_log,does not begin with pg_",
    "samband.postgresql.schema,a b,lower-case",
    "samband.postgresql.synchronous,yes,true or false",
    "samband.postgresql.password-file,/nowhere/at/all,the path of a file",
    "samband.node.name,two words,letters"
  })
  void aBadValueNamesTheKeyTheValueAndWhatIsAllowed(String key, String value, String allowed) {
    assertThatThrownBy(() -> PostgresSettings.of(settings(key, value)))
        .isInstanceOf(BadSettingException.class)
        .hasMessageContaining(key)
        .hasMessageContaining('"' + value + '"')
        .hasMessageContaining(allowed);
  }

  @Test
  void thePasswordIsReadFromItsFileForEachConnection() throws IOException {
    Path file = Files.writeString(dir.resolve("password"), "geheim\n");
    try (PostgresServer own = PostgresServer.start()) {
      own.execute("ALTER ROLE samband PASSWORD 'geheim'");
      own.demandPasswords();
      Settings settings = settings(
          "samband.postgresql.url", own.url(), "samband.postgresql.password-file", file.toString());
      open(settings).close();
      Files.writeString(file, "falsch");
      assertThatThrownBy(() -> open(settings))
          .isInstanceOf(LogUnavailableException.class)
          .hasMessageContaining("password authentication failed");
    }
  }

  @Test
  void theDriverIsNotRegisteredAnyMoreWhenTheLogIsClosed() {
    open(settings()).close();
    assertThat(DriverManager.drivers()).noneMatch(Driver.class::isInstance);
  }
}
