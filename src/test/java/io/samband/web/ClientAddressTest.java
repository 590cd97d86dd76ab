package io.samband.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.settings.Settings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressTest {
  private static final List<String> NONE = List.of();

  private final ClientAddress behindProxies = new ClientAddress(
      Settings.of(Map.of("samband.http.trusted-proxies", "127.0.0.1, 10.0.0.2, ::1")));
  private final ClientAddress alone = new ClientAddress(Settings.of(Map.of()));

  @Test
  void withoutTrustedProxiesNobodyIsBelieved() {
    assertThat(alone.of("127.0.0.1", List.of("for=6.6.6.6"), List.of("6.6.6.6")))
        .isEqualTo("127.0.0.1");
  }

  @Test
  void whoIsNoTrustedProxyIsNotBelieved() {
    assertThat(behindProxies.of("9.9.9.9", NONE, List.of("6.6.6.6"))).isEqualTo("9.9.9.9");
  }

  @Test
  void theNearestAddressThatIsNoProxyCountsAndNotWhatTheClientWroteBeforeIt() {
    assertThat(behindProxies.of("127.0.0.1", NONE, List.of("6.6.6.6, 192.0.2.7, 10.0.0.2")))
        .isEqualTo("192.0.2.7");
    assertThat(behindProxies.of("127.0.0.1", NONE, List.of("6.6.6.6", "192.0.2.7")))
        .isEqualTo("192.0.2.7");
    assertThat(
            behindProxies.of("127.0.0.1", List.of("for=6.6.6.6, for=192.0.2.7;by=10.0.0.2"), NONE))
        .isEqualTo("192.0.2.7");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "for=192.0.2.60;proto=http;by=203.0.113.43 | 192.0.2.60",
        "For=192.0.2.60:4711                       | 192.0.2.60",
        "proto=https; for=\"192.0.2.60:4711\"      | 192.0.2.60",
        "for=\"[2001:db8:cafe::17]:4711\"          | 2001:db8:cafe:0:0:0:0:17",
        "for=\"[2001:DB8:cafe::17]\"               | 2001:db8:cafe:0:0:0:0:17",
        "for=unknown                               | 127.0.0.1",
        "for=_hidden                               | 127.0.0.1",
        "for=999.1.1.1                             | 127.0.0.1",
        "for=localhost                             | 127.0.0.1",
        "by=203.0.113.43                           | 127.0.0.1",
        "for=                                      | 127.0.0.1"
      })
  void forwardedIsReadAsRfc7239Says(String header, String address) {
    assertThat(behindProxies.of("127.0.0.1", List.of(header), NONE)).isEqualTo(address);
  }

  @Test
  void aPortMakesNoOtherAddressSoThatALimitCannotBePassedByIt() {
    assertThat(behindProxies.of("127.0.0.1", NONE, List.of("192.0.2.7:1000")))
        .isEqualTo(behindProxies.of("127.0.0.1", NONE, List.of("192.0.2.7:1001")));
  }

  @Test
  void anAddressHasOneSpelling() {
    assertThat(behindProxies.of("0:0:0:0:0:0:0:1", NONE, List.of("192.0.2.7")))
        .isEqualTo("192.0.2.7");
    assertThat(behindProxies.of("::1", NONE, List.of("::ffff:192.0.2.7"))).isEqualTo("192.0.2.7");
  }

  @Test
  void ifTheTwoHeadersDisagreeOneIsInventedAndNeitherIsBelieved() {
    assertThat(behindProxies.of("127.0.0.1", List.of("for=6.6.6.6"), List.of("192.0.2.7")))
        .isEqualTo("127.0.0.1");
    assertThat(behindProxies.of("127.0.0.1", List.of("for=192.0.2.7"), List.of("192.0.2.7")))
        .isEqualTo("192.0.2.7");
  }
}
