package io.samband;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.testing.ComposePostgres;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The two PostgreSQL servers of {@code docker-compose.yml}, from no data at all to a failover. */
// A server that waits for a standby in vain waits for ever.
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StandbyTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String FOLLOWS =
      "SELECT count(*) FROM pg_stat_replication WHERE application_name = 'postgres2' AND sync_state = 'quorum'";
  private static final String WAITS =
      "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND usename = 'samband'";

  @Test
  void whatIsAcknowledgedIsAtTheStandbyAndWithoutAStandbyNothingIs() throws Exception {
    try (ComposePostgres servers = new ComposePostgres()) {
      // Characters that have a meaning to psql, to SQL or in a password file.
      servers.setPassword("samband", "it's \\ \"$a:b");
      servers.setPassword("standby", "c:d\\e'f $g");
      servers.makePasswords();
      assertThat(servers.password("postgres")).hasSize(32);
      assertThat(servers.password("standby")).isEqualTo("c:d\\e'f $g");
      servers.makePrimary();
      servers.startPrimary();
      servers.startStandby();
      await().atMost(PATIENCE).until(() -> servers.onPrimary(FOLLOWS).equals("1"));

      Process made = servers.beginOnPrimary(
          "CREATE SCHEMA samband; CREATE TABLE samband.row (n int); INSERT INTO samband.row VALUES (1)");
      assertThat(made.waitFor()).as(servers.log()).isZero();
      await()
          .atMost(PATIENCE)
          .until(() -> servers.onStandby("SELECT count(*) FROM samband.row").equals("1"));

      servers.stopStandby();
      Process waiting = servers.beginOnPrimary("INSERT INTO samband.row VALUES (2)");
      await().atMost(PATIENCE).until(() -> servers.onPrimary(WAITS).equals("1"));
      assertThat(waiting.isAlive()).isTrue();

      // It goes on with the data that it has.
      servers.startStandby();
      assertThat(waiting.waitFor()).as(servers.log()).isZero();

      servers.killPrimary();
      servers.promoteStandby();
      assertThat(servers.onStandby("SELECT string_agg(n::text, ',' ORDER BY n) FROM samband.row"))
          .isEqualTo("1,2");
      // The settings came with it: alone, it acknowledges nothing.
      Process alone = servers.beginOnStandby("INSERT INTO samband.row VALUES (3)");
      await().atMost(PATIENCE).until(() -> servers.administratorOnStandby(WAITS).equals("1"));
      assertThat(alone.isAlive()).isTrue();
      servers.administratorOnStandby("ALTER SYSTEM SET synchronous_standby_names = ''");
      servers.administratorOnStandby("SELECT pg_reload_conf()");
      assertThat(alone.waitFor()).as(servers.log()).isZero();

      // It stays the primary when it is started again.
      servers.stopStandby();
      servers.startStandby();
      assertThat(servers.onStandby("SELECT pg_is_in_recovery()")).isEqualTo("f");

      servers.startNewStandby();
      servers.administratorOnStandby("ALTER SYSTEM RESET synchronous_standby_names");
      servers.administratorOnStandby("SELECT pg_reload_conf()");
      await()
          .atMost(PATIENCE)
          .until(() -> servers
              .administratorOnStandby(FOLLOWS.replace("postgres2", "postgres1"))
              .equals("1"));
      assertThat(servers.beginOnStandby("INSERT INTO samband.row VALUES (4)").waitFor())
          .isZero();
    }
  }
}
