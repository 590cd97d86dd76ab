package io.samband.log.postgres;

import io.samband.log.shared.SharedEngineContract;
import io.samband.log.shared.SharedStore;
import io.samband.testing.PostgresServer;

class PostgresSharedTest extends SharedEngineContract {
  private final String schema = Logs.newSchema();

  @Override
  protected SharedStore newStore() {
    return new PostgresStore(Logs.settings(PostgresServer.shared().url(), schema));
  }

  @Override
  protected void restartStorage() {
    PostgresServer.shared().kill9();
    PostgresServer.shared().startAgain();
  }

  @Override
  protected void backUp() {
    PostgresServer.shared().backUp();
  }

  @Override
  protected void restoreBackUp() {
    PostgresServer.shared().restoreBackUp();
  }

  @Override
  protected void loseTail(long newest) {
    for (String column : new String[] {
      "event WHERE event_offset", "publication WHERE event_offset",
      "batch WHERE newest", "gap WHERE last_offset"
    }) {
      PostgresServer.shared().execute("DELETE FROM " + schema + '.' + column + " > " + newest);
    }
    restartStorage();
  }
}
