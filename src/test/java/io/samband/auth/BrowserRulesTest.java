package io.samband.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrowserRulesTest {
  private final BrowserRules rules = new BrowserRules(List.of("https://friend.example"));

  private static BrowserRules.Sender sender(
      String origins, String sites, String scheme, String host) {
    return new BrowserRules.Sender(
        list(origins), list(sites), scheme, HostHeader.parse(host).orElseThrow());
  }

  private static List<String> list(String text) {
    return text == null ? List.of() : Arrays.asList(text.split(" ", -1));
  }

  @ParameterizedTest
  @CsvSource({
    // origin, site, scheme, host
    ",,,desk.example",
    ",same-origin,,desk.example",
    ",none,,desk.example",
    "https://desk.example,,,desk.example",
    "https://desk.example,same-origin,https,desk.example",
    "https://desk.example,,https,desk.example:443",
    "https://desk.example:443,,,desk.example",
    "http://desk.example:80,,http,desk.example",
    "http://desk.example,,,DESK.example.",
    "HTTPS://DESK.example,,,desk.example",
    "http://desk.example:8080,,,desk.example:8080",
    "http://[::1]:8080,,,[::1]:8080",
    "https://friend.example,,,desk.example",
    "https://friend.example,cross-site,,desk.example"
  })
  void ourOwnPagesAndThoseOfAllowedOriginsMayCall(
      String origin, String site, String scheme, String host) {
    assertThat(rules.broken(sender(origin, site, scheme, host))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "null,,,desk.example",
    "https://evil.example,,,desk.example",
    "https://evil-desk.example,,,desk.example",
    "https://desk.example.evil.example,,,desk.example",
    "https://desk.example@evil.example,,,desk.example",
    "https://desk.example/,,,desk.example",
    "https://desk.example:8443,,,desk.example",
    "https://desk.example,,,desk.example:8443",
    "http://desk.example,,https,desk.example",
    "https://desk.example,,http,desk.example",
    "http://desk.example,,,desk.example:443",
    "ftp://desk.example,,,desk.example",
    "desk.example,,,desk.example",
    "://desk.example,,,desk.example",
    ",cross-site,,desk.example",
    ",same-site,,desk.example",
    ",unheard-of,,desk.example",
    ",same-origin cross-site,,desk.example",
    "https://desk.example,cross-site,,desk.example",
    "http://friend.example,,,desk.example",
    "https://friend.example:444,,,desk.example",
    "https://desk.example https://desk.example,,,desk.example",
    "https://friend.example https://desk.example,,,desk.example"
  })
  void allOthersMayNot(String origin, String site, String scheme, String host) {
    BrowserRules.Sender sender = sender(origin, site, scheme, host);

    assertThat(rules.broken(sender)).isPresent();
    assertThat(rules.allowedOrigin(sender)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1,true",
    "127.8.9.1,true",
    "::1,true",
    "0:0:0:0:0:0:0:1,true",
    "::ffff:127.0.0.1,true",
    "10.0.0.1,false",
    "localhost,false",
    "127.0.0.1.evil.example,false",
    "'',false",
    "::2,false",
    "0.0.0.0,false"
  })
  void onlyLoopbackAddressesAreLocal(String address, boolean local) {
    assertThat(LocalRule.isLoopback(address)).isEqualTo(local);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a b",
        "a/b",
        "a:b",
        "a:123456",
        "[::1",
        "::1",
        "a@b",
        "a,b",
        "\u00e5",
        ":80",
        "."
      })
  void aHostThatIsNoneIsNotRead(String host) {
    assertThat(HostHeader.parse(host)).isEmpty();
  }

  @Test
  void aHostInASettingWithoutAPortAllowsEveryPort() {
    HostHeader any = HostHeader.parse("desk.example").orElseThrow();
    HostHeader one = HostHeader.parse("desk.example:8443").orElseThrow();

    assertThat(HostHeader.parse("Desk.Example:1").orElseThrow().isNamedBy(any)).isTrue();
    assertThat(HostHeader.parse("desk.example:8443").orElseThrow().isNamedBy(one))
        .isTrue();
    assertThat(HostHeader.parse("desk.example:1").orElseThrow().isNamedBy(one)).isFalse();
    assertThat(HostHeader.parse("desk.example").orElseThrow().isNamedBy(one)).isFalse();
    assertThat(HostHeader.parse("evil-desk.example").orElseThrow().isNamedBy(any))
        .isFalse();
    assertThat(HostHeader.of(List.of("a", "a"))).isEmpty();
  }
}
