package io.samband.log.h2;

import io.samband.log.LogEngine;
import io.samband.log.LogEngineContract;
import io.samband.log.Retention;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class H2ContractTest extends LogEngineContract {
  @TempDir
  Path dir;

  @Override
  protected LogEngine newEngine(long retainEvents) {
    return new H2Engine(dir, false, new Retention(retainEvents, 1L << 40, 1L << 40));
  }
}
