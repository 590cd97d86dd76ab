package io.samband.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  @ParameterizedTest
  @EnumSource(Setting.class)
  void everyDefaultIsAllowed(Setting setting) {
    assertThat(Settings.of(Map.of(setting.key(), setting.defaultValue()))).isNotNull();
    assertThat(setting.key()).matches("samband(\\.[a-z]+(-[a-z]+)*){2,3}");
    if (setting.isNumber()) {
      assertThat(Settings.of(Map.of()).number(setting))
          .isEqualTo(Long.parseLong(setting.defaultValue()));
    }
  }

  @ParameterizedTest
  @EnumSource(Setting.class)
  void theLargestValueIsReallyPossible(Setting setting) {
    if (setting.isNumber() && setting != Setting.RETAIN_MILLIS) {
      long most = setting.max();
      Settings settings = Settings.of(Map.of(setting.key(), String.valueOf(most)));
      assertThat(settings.number(setting)).isEqualTo(most);
      if (setting.key().endsWith("-millis")) {
        assertThat(settings.millis(setting).toNanos()).isPositive();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "samband.data.sync,yes,true or false",
    "samband.data.dir,a;b,without a semicolon",
    "samband.log.retain-events,0,a whole number of at least 1",
    "samband.log.retain-events,many,a whole number of at least 1",
    "samband.log.pending-events,99999999999,a whole number from 1 to",
    "samband.stream.workers,65,a whole number from 1 to 64",
    "samband.event.max-data-bytes,1.5,a whole number from 16 to 524288",
    "samband.http.allowed-origins,desk.example,origins of the form",
    "samband.http.allowed-origins,//desk.example,origins of the form",
    "samband.http.allowed-origins,https://desk.example/,origins of the form",
    "samband.http.allowed-origins,https://a@desk.example,origins of the form",
    "samband.http.allowed-origins,HTTPS://desk.example,origins of the form",
    "samband.http.path,/,a path such as",
    "samband.http.path,api,a path such as",
    "samband.http.path,/api/,a path such as",
    "samband.http.path,/a//b,a path such as",
    "samband.http.path,/a/../b,a path such as",
    "samband.http.path,/.a,a path such as",
    "samband.http.path,/a%20b,a path such as",
    "samband.http.path,/a*,a path such as",
    "samband.http.trusted-proxies,proxy.example,IP addresses",
    "samband.log.retain-event,5,only the keys"
  })
  void aBadValueNamesTheKeyTheValueAndWhatIsAllowed(String key, String value, String allowed) {
    assertThatThrownBy(() -> Settings.of(Map.of(key, value)))
        .isInstanceOf(BadSettingException.class)
        .hasMessageContaining(key)
        .hasMessageContaining('"' + value + '"')
        .hasMessageContaining(allowed);
  }

  @Test
  void listsAreSeparatedByCommas() {
    Settings settings = Settings.of(Map.of(
        "samband.http.allowed-origins",
            " https://desk.example , http://localhost:5173,http://[::1]:8080",
        "samband.http.trusted-proxies", "10.0.0.1, ::1"));
    assertThat(settings.allowedOrigins())
        .containsExactly("https://desk.example", "http://localhost:5173", "http://[::1]:8080");
    assertThat(settings.trustedProxies()).containsExactly("10.0.0.1", "::1");
    assertThat(Settings.of(Map.of()).allowedOrigins()).isEmpty();
  }

  @Test
  void aNameThatAContainerMadeOfAnEnvironmentVariableIsNoMistake() {
    // From SAMBAND_LOG_RETAIN_EVENTS, which answers for the key with the hyphen as well.
    var names = Set.of("samband.log.retain.events");
    Settings settings = Settings.of(
        key -> Optional.ofNullable(
            key.startsWith("samband.log.retain") && key.endsWith("events") ? "7" : null),
        names);
    assertThat(settings.number(Setting.RETAIN_EVENTS)).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "samband.stream.worker",
        "SAMBAND_STREAM_WORKER",
        "samband.log.retain.events",
        "SAMBAND_SERVICE",
        "samband."
      })
  void aMisspeltKeyStopsTheDeploymentHoweverItIsSpelt(String name) {
    assertThatThrownBy(() -> Settings.of(Map.of(name, "2")))
        .isInstanceOf(BadSettingException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("\"2\"")
        .hasMessageContaining("samband.stream.workers");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SAMBAND_STREAM_WORKERS",
        "SAMBAND_LOG_RETAIN_EVENTS",
        "SAMBAND_SERVICE_HOST",
        "SAMBAND_SERVICE_PORT_HTTP",
        "SAMBAND_PORT",
        "SAMBAND_PORT_8080_TCP_ADDR",
        "samband.service.host",
        "PATH"
      })
  void variablesOfOursAndOfKubernetesAreNoMistake(String name) {
    assertThat(Settings.of(Map.of(name, "2")).integer(Setting.WORKERS)).isEqualTo(1);
  }

  @Test
  void theTableInTheDocumentationListsEverySettingWithItsDefault() throws IOException {
    Path file = Path.of("docs/settings.md");
    String page = Files.readString(file);
    for (Setting setting : Setting.values()) {
      String row = page.lines()
          .filter(line -> line.startsWith("| `" + setting.key() + "` |"))
          .findFirst()
          .orElseThrow(
              () -> new AssertionError("docs/settings.md has no row for " + setting.key()));
      String[] cells = row.split("\\|", -1);
      assertThat(cells[2].replaceAll("[`, ]", ""))
          .as("the default of " + setting.key())
          .isEqualTo(setting.defaultValue().replaceAll("[, ]", ""));
    }
    assertThat(page.lines().filter(line -> line.startsWith("| `samband.")).count())
        .isEqualTo(Setting.values().length);
  }
}
