package io.samband.log.postgres;

import io.samband.log.LogEngine;
import io.samband.log.LogEngineContract;
import io.samband.testing.PostgresServer;

class PostgresContractTest extends LogEngineContract {
  private final String schema = Logs.newSchema();

  @Override
  protected LogEngine newEngine(long retainEvents) {
    return Logs.engine(PostgresServer.shared().url(), schema, retainEvents);
  }

  @Override
  protected void restartStorage() {
    PostgresServer.shared().restart();
  }

  @Override
  protected boolean keepsCursorsAtALostTip() {
    return true;
  }
}
