package io.samband.log.redis;

import static io.samband.log.redis.Stores.batch;
import static io.samband.log.redis.Stores.contents;
import static io.samband.log.redis.Stores.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.samband.log.LogState;
import io.samband.log.LogUnavailableException;
import io.samband.testing.LoopbackCertificate;
import io.samband.testing.RedisServer;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Encrypted connections: only to a server whose certificate is trusted and is its own. */
class RedisTlsTest {
  private static final String STORE = "javax.net.ssl.trustStore";
  private static final String PASSWORD = "javax.net.ssl.trustStorePassword";

  private final RedisServer server = RedisServer.overTls();
  private final Stores stores = new Stores();

  @AfterEach
  void closeAll() {
    stores.close();
    server.close();
    System.clearProperty(STORE);
    System.clearProperty(PASSWORD);
  }

  private RedisStore store(String address) {
    return stores.of(Map.of("samband.redis.url", "rediss://" + address + ":" + server.tlsPort()));
  }

  private static void trust() {
    System.setProperty(STORE, LoopbackCertificate.store().toString());
    System.setProperty(PASSWORD, LoopbackCertificate.PASSWORD);
  }

  @Test
  void aServerWithATrustedCertificateIsUsed() {
    trust();
    RedisStore store = store("127.0.0.1");
    LogState state = store.open(0);
    store.append(state.epoch(), batch("a", 1, entry("x")));
    assertThat(contents(store, store.head(state))).containsExactly("1 x");
  }

  @Test
  void aCertificateOfAnotherAddressIsRefused() {
    trust();
    assertThatThrownBy(() -> store("127.0.0.2").open(0))
        .isInstanceOf(LogUnavailableException.class)
        .hasStackTraceContaining("127.0.0.2");
  }

  @Test
  void aCertificateThatNobodyTrustsIsRefused() {
    assertThatThrownBy(() -> store("127.0.0.1").open(0))
        .isInstanceOf(LogUnavailableException.class)
        .hasStackTraceContaining("certification path");
  }
}
