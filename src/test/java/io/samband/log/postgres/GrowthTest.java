package io.samband.log.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.PostgresServer;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

class GrowthTest {
  private final PostgresSettings settings =
      Logs.settings(PostgresServer.shared().url(), Logs.newSchema());

  @Test
  void aConnectionThatIsMadeWhileItIsClosedIsNotLeftOpen() throws Exception {
    var store = new PostgresStore(settings);
    store.open(0);
    store.close();
    var growth = new AtomicReference<Growth>();
    try (Connection made = new Connector(settings, "notify", 5, 1_000).getConnection()) {
      growth.set(new Growth(source(() -> {
        growth.get().close();
        return made;
      })));
      growth.get().await(1);
      assertThat(made.isClosed()).isTrue();
    }
  }

  private static DataSource source(Supplier<Connection> source) {
    return (DataSource) Proxy.newProxyInstance(
        GrowthTest.class.getClassLoader(),
        new Class<?>[] {DataSource.class},
        (proxy, method, arguments) -> source.get());
  }
}
