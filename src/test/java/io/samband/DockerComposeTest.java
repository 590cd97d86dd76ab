package io.samband;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code docker-compose.yml} names has to be there: nobody starts containers in the build. */
class DockerComposeTest {
  private static final String COMPOSE = read("docker-compose.yml");

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> found(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.toSet());
  }

  private static final Set<String> SERVICES = found(
      "(?m)^  ([a-z0-9]+):$",
      COMPOSE.substring(COMPOSE.indexOf("\nservices:"), COMPOSE.indexOf("\nnetworks:")));

  @Test
  void everyFileThatIsMountedExists() {
    Set<String> files = found("- \\./(\\S+?):/", COMPOSE);
    assertThat(files).hasSizeGreaterThan(5);
    assertThat(files).allSatisfy(file -> assertThat(Path.of(file)).isRegularFile());
  }

  @ParameterizedTest
  @ValueSource(strings = {"nginx/nginx-cluster.conf", "haproxy/haproxy-cluster.cfg"})
  void everyNodeOfAClusterIsAServiceAndEveryServiceIsInEveryBackend(String file) {
    String proxy = read("server-config/" + file);
    Set<String> nodes = SERVICES.stream()
        .filter(service -> service.matches("samband\\d"))
        .collect(Collectors.toSet());
    assertThat(nodes).hasSize(3);
    assertThat(found("(samband\\d):8080", proxy)).isEqualTo(nodes);
    for (String node : nodes) {
      assertThat(proxy.split(node + ":8080", -1).length - 1)
          .as("%s in %s", node, file)
          .isEqualTo(file.startsWith("nginx") ? 2 : 4);
    }
  }

  @Test
  void theDatabaseServersOfTheNodesAreServicesAndEachMayBeTheSynchronousStandby() {
    String hosts = found("jdbc:postgresql://(\\S+)/samband", COMPOSE).iterator().next();
    assertThat(SERVICES).contains(hosts.split(","));
    assertThat(read("server-config/postgresql/compose/postgresql.conf"))
        .contains("synchronous_standby_names = 'ANY 1 (" + hosts.replace(",", ", ") + ")'");
  }

  @Test
  void theNodesHaveOneDatabaseForTheVehiclesAndItsServersAreThoseOfTheLog() {
    String commands = read("server-config/payara-micro/board.asadmin");
    assertThat(found("SAMBAND_DISPATCH_DATA_SOURCE: (\\S+)", COMPOSE))
        .isEqualTo(found("(?m)^create-jdbc-resource .* (\\S+)$", commands))
        .hasSize(1);
    assertThat(found("BOARD_HOSTS: (\\S+)", COMPOSE))
        .isEqualTo(found("jdbc:postgresql://(\\S+)/samband", COMPOSE));
    Set<String> variables = found("\\$\\{ENV=([A-Z_]+)}", commands);
    assertThat(variables).hasSize(3);
    assertThat(found("(?m)^  ([A-Z_]+):", COMPOSE)).containsAll(variables);
    // The files of passwords.sh, by their names.
    assertThat(found("\\$\\{MPCONFIG=([a-z]+)}", commands)).containsExactly("samband");
    assertThat(read("server-config/postgresql/compose/passwords.sh"))
        .containsPattern("for name in .*\\bsamband\\b");
  }
}
