package io.samband.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.samband.settings.BadSettingException;
import io.samband.settings.Settings;
import jakarta.json.Json;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdentityTest {
  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

  private static Identity of(String name, Instant end, String... roles) {
    return new Identity(
        name, Set.of(roles), Set.of("station:B12"), end, Identity.Source.BEARER, null);
  }

  @Test
  void itsAttributesAreUserRolesAndThoseOfTheToken() {
    assertThat(of("kari", null, "leader").audienceAttributes())
        .containsExactlyInAnyOrder("user:kari", "role:leader", "station:B12");
  }

  @Test
  void theSubjectTellsUsersApartAndDoesNotSayTheName() {
    assertThat(of("kari", null).subject())
        .isEqualTo(of("kari", NOW, "leader").subject())
        .isNotEqualTo(of("per", null).subject())
        .doesNotContain("kari");
  }

  @Test
  void helloSaysDurationsAndIsAscii() {
    Identity identity = of("k\u00e5ri\u2028\u202e", NOW.plusSeconds(5));

    assertThat(identity.toJson("0a1b2c3d", NOW))
        .isEqualTo(
            "{\"subject\":\"" + identity.subject()
                + "\",\"name\":\"k\\u00e5ri\\u2028\\u202e\",\"rights\":\"0a1b2c3d\",\"expiresInMillis\":5000}");
    assertThat(of("kari", null).toJson("0a1b2c3d", NOW)).endsWith("\"expiresInMillis\":null}");
    assertThat(of("kari", NOW.minusSeconds(1)).remainingMillis(NOW)).contains(0L);
  }

  @Test
  void anAuditLineIsOneLineOfAscii() {
    String line = AsciiJson.of(Json.createObjectBuilder()
        .add("user", "a\r\nb\u0000c\u2028\u202e\u007f\uD83D\uDE92")
        .build());

    assertThat(line)
        .isEqualTo("{\"user\":\"a\\r\\nb\\u0000c\\u2028\\u202e\\u007f\\ud83d\\ude92\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "samband.auth.mode=closed                              | samband.auth.mode            | local, required, open",
        "samband.auth.mode=required                            | samband.auth.mode            | source of identities",
        "samband.auth.mode=required;samband.auth.container-roles=a | samband.http.hosts       | host names",
        "samband.auth.cookie=a b                               | samband.auth.cookie          | RFC 6265",
        "samband.auth.container-roles=a b                      | samband.auth.container-roles | roles",
        "samband.auth.jwt.keys=https://a.example/jwks          | samband.auth.jwt             | issuer"
      })
  void whatCannotWorkIsRefusedAtTheStartInEveryMode(String settings, String key, String allowed) {
    Map<String, String> map = new java.util.TreeMap<>();
    for (String setting : settings.split(";", -1)) {
      String[] pair = setting.split("=", 2);
      map.put(pair[0], pair[1]);
    }

    assertThatThrownBy(() -> new Identities(Settings.of(map)))
        .isInstanceOf(BadSettingException.class)
        .hasMessageContaining(key)
        .hasMessageContaining(allowed);
  }
}
