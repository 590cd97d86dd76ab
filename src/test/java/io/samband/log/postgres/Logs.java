package io.samband.log.postgres;

import io.samband.log.Retention;
import io.samband.log.shared.SharedEngine;
import io.samband.testing.PostgresServer;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes engines for tests. */
final class Logs {
  private static final AtomicInteger SCHEMAS = new AtomicInteger();

  private Logs() {}

  /** A schema that no other test of this JVM has. */
  static String newSchema() {
    return "log_" + SCHEMAS.incrementAndGet();
  }

  static PostgresSettings settings(String url, String schema) {
    return new PostgresSettings(url, PostgresServer.USER, null, schema, false, "test");
  }

  static SharedEngine engine(String url, String schema, long retainEvents) {
    return new SharedEngine(
        new PostgresStore(settings(url, schema)), new Retention(retainEvents, 1L << 40, 1L << 40));
  }
}
