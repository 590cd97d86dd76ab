package io.samband.log.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.samband.settings.BadSettingException;
import io.samband.settings.Settings;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.clients.jedis.HostAndPort;

class RedisSettingsTest {
  private static RedisSettings settings(String... keysAndValues) {
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put("samband.redis." + keysAndValues[i], keysAndValues[i + 1]);
    }
    return RedisSettings.of(Settings.of(map));
  }

  @Test
  void aUrlNamesServerUserAndDatabaseAndWhetherToEncrypt() {
    RedisSettings plain = settings("url", "redis://log.example");
    assertThat(plain.hosts()).containsExactly(new HostAndPort("log.example", 6379));
    assertThat(plain.tls()).isFalse();
    assertThat(plain.user()).isEmpty();
    assertThat(plain.keyPrefix()).isEqualTo("samband");
    assertThat(plain.replicas()).isZero();

    RedisSettings all =
        settings("url", "rediss://samband@[::1]:7000/3", "key-prefix", "desk-2", "replicas", "2");
    assertThat(all.hosts()).containsExactly(new HostAndPort("::1", 7000));
    assertThat(all.tls()).isTrue();
    assertThat(all.user()).isEqualTo("samband");
    assertThat(all.database()).isEqualTo(3);
    assertThat(all.replicas()).isEqualTo(2);
  }

  @Test
  void sentinelsAreAListAndEncryptedAllOrNone() {
    RedisSettings settings =
        settings("sentinels", "rediss://a:1, rediss://b", "master", "log", "replicas", "1");
    assertThat(settings.hosts())
        .containsExactly(new HostAndPort("a", 1), new HostAndPort("b", 26379));
    assertThat(settings.tls()).isTrue();
    assertThat(settings.hasSentinels()).isTrue();
    assertThat(settings("sentinels", "a", "master", "log").tls()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "url, http://log.example",
    "url, redis://log.example:70000",
    "url, redis://log.example:6379/x",
    "url, 'redis://a,redis://b'",
    "key-prefix, 'with space'",
    "key-prefix, 'a{b}'",
    "password-file, /no/such/file",
    "password-file, /tmp",
    "replicas, -1",
    "master, log"
  })
  void aBadValueIsNamed(String key, String value) {
    Map<String, String> map = new HashMap<>(Map.of("samband.redis.url", "redis://log.example"));
    map.put("samband.redis." + key, value);
    assertThatThrownBy(() -> RedisSettings.of(Settings.of(map)))
        .isInstanceOf(BadSettingException.class)
        .hasMessageContaining("samband.redis." + key);
  }

  @Test
  void aServerMustBeNamedInOneOfTheTwoWays() {
    assertThatThrownBy(RedisSettingsTest::settings)
        .isInstanceOf(BadSettingException.class)
        .hasMessageContaining("samband.redis.sentinels");
    assertThatThrownBy(() -> settings("url", "redis://a", "sentinels", "b", "master", "log"))
        .isInstanceOf(BadSettingException.class);
    assertThatThrownBy(() -> settings("sentinels", "b"))
        .isInstanceOf(BadSettingException.class)
        .hasMessageContaining("samband.redis.master");
    assertThatThrownBy(() -> settings("sentinels", "rediss://b,c", "master", "log"))
        .isInstanceOf(BadSettingException.class)
        .hasMessageContaining("samband.redis.sentinels");
  }

  @Test
  void aPasswordInTheUrlIsRefusedAndNotRepeatedInTheMessage() {
    assertThatThrownBy(() -> settings("url", "redis://user:geheim@log.example"))
        .isInstanceOf(BadSettingException.class)
        .hasMessageContaining("samband.redis.password-file")
        .hasMessageNotContaining("geheim");
    assertThatThrownBy(
            () -> settings("url", "redis://:geheim@a", "sentinels", "b", "master", "log"))
        .isInstanceOf(BadSettingException.class)
        .hasMessageNotContaining("geheim");
  }
}
