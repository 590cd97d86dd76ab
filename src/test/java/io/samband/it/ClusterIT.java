package io.samband.it;

import io.samband.testing.PostgresServer;
import java.util.Map;

class ClusterIT extends ClusterScenarios {
  private PostgresServer database;

  @Override
  Map<String, String> startServer() {
    database = PostgresServer.start();
    return Map.of(
        "samband.log.engine",
        "postgresql",
        "samband.postgresql.url",
        database.url(),
        "samband.postgresql.user",
        PostgresServer.USER);
  }

  @Override
  void freezeServer() {
    database.freeze();
  }

  @Override
  void thawServer() {
    database.thaw();
  }

  @Override
  void stopServer() {
    if (database != null) {
      database.close();
    }
  }

  @Override
  String threads() {
    return "HikariPool";
  }
}
