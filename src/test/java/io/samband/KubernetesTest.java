package io.samband;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kubernetes.client.openapi.JSON;
import io.samband.settings.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** The manifests of {@code server-config/kubernetes}: nobody starts a cluster in the build. */
class KubernetesTest {
  private static final Path DIRECTORY = Path.of("server-config/kubernetes");

  @ParameterizedTest
  @ValueSource(strings = {"single", "cluster", "ingress"})
  void everyFieldIsOneThatKubernetesKnows(String file) throws Exception {
    List<JsonObject> documents = documents(file);
    assertThat(documents).isNotEmpty();
    for (JsonObject document : documents) {
      readStrictly(document);
    }
  }

  @Test
  void aMisspeltFieldIsNoticedAtAnyDepth() throws IOException {
    for (JsonObject document : documents("cluster")) {
      if (document.get("kind").getAsString().equals("Deployment")) {
        JsonObject probe = container(document).getAsJsonObject("readinessProbe");
        probe.add("failureTreshold", probe.remove("failureThreshold"));
        assertThatThrownBy(() -> readStrictly(document)).hasMessageContaining("failureTreshold");
        return;
      }
    }
    throw new AssertionError("there is no Deployment");
  }

  @ParameterizedTest
  @ValueSource(strings = {"single", "cluster"})
  void everyVariableIsASetting(String file) throws IOException {
    Set<String> known = Arrays.stream(Setting.values())
        .map(setting -> setting.key().replaceAll("[^a-z0-9]", "_").toUpperCase(Locale.ROOT))
        .collect(Collectors.toSet());
    Set<String> named = new TreeSet<>();
    for (JsonObject document : documents(file)) {
      if (document.get("kind").getAsString().equals("ConfigMap")) {
        named.addAll(document.getAsJsonObject("data").keySet());
      } else if (isWorkload(document)) {
        JsonElement env = container(document).get("env");
        if (env != null) {
          env.getAsJsonArray()
              .forEach(
                  variable -> named.add(variable.getAsJsonObject().get("name").getAsString()));
        }
      }
    }
    assertThat(named).hasSizeGreaterThan(4).isSubsetOf(known);
  }

  @ParameterizedTest
  @ValueSource(strings = {"single", "cluster"})
  void aPodHasAsLongToStopAsAContainerHasAndNoRights(String file) throws IOException {
    JsonObject workload =
        documents(file).stream().filter(KubernetesTest::isWorkload).findFirst().orElseThrow();
    JsonObject pod = pod(workload);
    JsonObject container = container(workload);
    List<String> pause = strings(container
        .getAsJsonObject("lifecycle")
        .getAsJsonObject("preStop")
        .getAsJsonObject("exec")
        .get("command"));
    assertThat(pause).hasSize(2).startsWith("sleep");
    var compose = Pattern.compile("stop_grace_period: (\\d+)s")
        .matcher(Files.readString(Path.of("docker-compose.yml")));
    assertThat(compose.find()).isTrue();
    assertThat(pod.get("terminationGracePeriodSeconds").getAsInt())
        .isEqualTo(Integer.parseInt(compose.group(1)) + Integer.parseInt(pause.get(1)));

    String user = Pattern.compile("(?m)^USER (\\d+)$")
        .matcher(Files.readString(Path.of("Dockerfile")))
        .results()
        .map(match -> match.group(1))
        .findFirst()
        .orElseThrow();
    JsonObject podRights = pod.getAsJsonObject("securityContext");
    assertThat(podRights.get("runAsNonRoot").getAsBoolean()).isTrue();
    assertThat(podRights.get("runAsUser").getAsString()).isEqualTo(user);
    JsonObject rights = container.getAsJsonObject("securityContext");
    assertThat(rights.get("readOnlyRootFilesystem").getAsBoolean()).isTrue();
    assertThat(rights.get("allowPrivilegeEscalation").getAsBoolean()).isFalse();
    assertThat(strings(rights.getAsJsonObject("capabilities").get("drop"))).containsExactly("ALL");
    // What is mounted is there, and both directories that the image writes to are.
    assertThat(names(container.get("volumeMounts"), "mountPath")).contains("/data", "/tmp");
    Set<String> volumes = new TreeSet<>(names(pod.get("volumes"), "name"));
    JsonElement claims = workload.getAsJsonObject("spec").get("volumeClaimTemplates");
    if (claims != null) {
      claims
          .getAsJsonArray()
          .forEach(claim -> volumes.add(
              claim.getAsJsonObject().getAsJsonObject("metadata").get("name").getAsString()));
    }
    assertThat(names(container.get("volumeMounts"), "name")).isEqualTo(volumes);
    for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      assertThat(container
              .getAsJsonObject(probe)
              .getAsJsonObject("httpGet")
              .get("path")
              .getAsString())
          .isEqualTo("/api/health/" + (probe.equals("readinessProbe") ? "ready" : "live"));
    }
  }

  private static List<JsonObject> documents(String file) throws IOException {
    String text = Files.readString(DIRECTORY.resolve(file + ".yaml"));
    Gson gson = new Gson();
    return StreamSupport.stream(new Yaml().loadAll(text).spliterator(), false)
        .map(document -> gson.toJsonTree(document).getAsJsonObject())
        .toList();
  }

  /** Fails at a field that the kind does not have. */
  private static void readStrictly(JsonObject document) throws ReflectiveOperationException {
    String kind = document.get("kind").getAsString();
    assertThat(document.get("apiVersion").getAsString()).matches("([a-z.0-9]+/)?v1");
    JSON.deserialize(
        document.toString(), Class.forName("io.kubernetes.client.openapi.models.V1" + kind));
  }

  private static boolean isWorkload(JsonObject document) {
    return Set.of("Deployment", "StatefulSet").contains(document.get("kind").getAsString());
  }

  private static JsonObject pod(JsonObject workload) {
    return workload.getAsJsonObject("spec").getAsJsonObject("template").getAsJsonObject("spec");
  }

  private static JsonObject container(JsonObject workload) {
    return pod(workload).getAsJsonArray("containers").get(0).getAsJsonObject();
  }

  private static List<String> strings(JsonElement array) {
    return array.getAsJsonArray().asList().stream()
        .map(JsonElement::getAsString)
        .toList();
  }

  private static Set<String> names(JsonElement array, String member) {
    return array.getAsJsonArray().asList().stream()
        .map(element -> element.getAsJsonObject().get(member).getAsString())
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
