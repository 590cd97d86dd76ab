package io.samband;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The dashboard of {@code server-config/grafana}: what it asks for exists, and Prometheus understands the questions. That the manual
 * names what a server answers is tried by {@code MetricsIT}.
 */
class DashboardTest {
  private static final JsonObject DASHBOARD = read();
  private static final Pattern METRIC = Pattern.compile("\\b(?:samband|process|jvm)_[a-z_]+");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (`[^|]+) \\|");
  private static final Pattern LABEL =
      Pattern.compile("([a-z]+)=~?\"|by \\(([a-z]+)\\)|\\{\\{([a-z]+)}}");

  @TempDir
  Path temp;

  private static JsonObject read() {
    try {
      return JsonParser.parseString(Files.readString(Path.of("server-config/grafana/samband.json")))
          .getAsJsonObject();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static List<JsonObject> panels() {
    return DASHBOARD.getAsJsonArray("panels").asList().stream()
        .map(JsonElement::getAsJsonObject)
        .toList();
  }

  private static List<JsonObject> targets() {
    List<JsonObject> targets = new ArrayList<>();
    for (JsonObject panel : panels()) {
      JsonArray own = panel.getAsJsonArray("targets");
      if (own != null) {
        own.forEach(target -> targets.add(target.getAsJsonObject()));
      }
    }
    return targets;
  }

  @Test
  void everyFigureAndLabelIsOneOfTheManual() throws IOException {
    String manual = Files.readString(Path.of("docs/operations.md"));
    Map<String, Set<String>> labels = new HashMap<>();
    ROW.matcher(manual.substring(0, manual.indexOf("## Alerts"))).results().forEach(row -> {
      String cell = row.group(1);
      Set<String> own = new HashSet<>(Set.of("instance"));
      Pattern.compile("by `(\\w+)`").matcher(cell).results().forEach(by -> own.add(by.group(1)));
      METRIC.matcher(cell).results().forEach(metric -> {
        String name = metric.group();
        if (cell.contains("(histogram)")) {
          own.add("le");
          name += "_bucket";
        }
        if (name.startsWith("jvm_memory_")) {
          // Of Micrometer, for every pool of memory.
          labels.put(name, Set.of("instance", "area", "id"));
        } else {
          labels.put(name, own);
        }
      });
    });
    assertThat(labels).hasSizeGreaterThan(40);
    assertThat(targets()).hasSizeGreaterThan(40);
    Set<String> asked = new TreeSet<>();
    for (JsonObject target : targets()) {
      String expression = target.get("expr").getAsString();
      List<String> metrics =
          METRIC.matcher(expression).results().map(match -> match.group()).toList();
      assertThat(metrics).as(expression).isNotEmpty();
      assertThat(labels.keySet()).as(expression).containsAll(metrics);
      asked.addAll(metrics);
      LABEL
          .matcher(expression + target.get("legendFormat").getAsString())
          .results()
          .forEach(label -> {
            String name = label.group(1) != null
                ? label.group(1)
                : label.group(2) != null ? label.group(2) : label.group(3);
            assertThat(metrics)
                .as("%s in %s", name, expression)
                .allSatisfy(metric -> assertThat(labels.get(metric)).contains(name));
          });
    }
    // And the other way round: a figure that no panel shows is missing on the dashboard.
    Set<String> unseen = new TreeSet<>(labels.keySet());
    unseen.removeAll(asked);
    assertThat(unseen)
        .containsExactlyInAnyOrder(
            // the same as other figures that are shown
            "samband_log_failing_seconds",
            "samband_log_shared_stale",
            "samband_presence_changes_total");
  }

  @Test
  void prometheusUnderstandsEveryExpression() throws Exception {
    StringBuilder rules = new StringBuilder("groups:\n- name: dashboard\n  rules:\n");
    int number = 0;
    for (JsonObject target : targets()) {
      rules
          .append("  - record: dashboard:")
          .append(number++)
          .append("\n    expr: '")
          .append(expanded(target.get("expr").getAsString()))
          .append("'\n");
    }
    Path file = Files.writeString(temp.resolve("rules.yml"), rules);
    Process promtool = new ProcessBuilder("promtool", "check", "rules", file.toString())
        .redirectErrorStream(true)
        .start();
    String output = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(promtool.waitFor()).as(output).isZero();
    assertThat(output).contains("SUCCESS: " + number + " rules found");
  }

  @Test
  void panelsHaveTheirOwnNumbersAndPlacesAndTheChosenDataSource() {
    Set<Integer> ids = new HashSet<>();
    Set<String> taken = new HashSet<>();
    for (JsonObject panel : panels()) {
      String title = panel.get("title").getAsString();
      assertThat(ids.add(panel.get("id").getAsInt())).as(title).isTrue();
      JsonObject place = panel.getAsJsonObject("gridPos");
      int x = place.get("x").getAsInt();
      int y = place.get("y").getAsInt();
      assertThat(x + place.get("w").getAsInt()).as(title).isLessThanOrEqualTo(24);
      for (int column = x; column < x + place.get("w").getAsInt(); column++) {
        for (int line = y; line < y + place.get("h").getAsInt(); line++) {
          assertThat(taken.add(column + ":" + line)).as(title).isTrue();
        }
      }
      if (!panel.get("type").getAsString().equals("row")) {
        assertThat(panel.getAsJsonObject("datasource").get("uid").getAsString())
            .isEqualTo("${datasource}");
      }
    }
  }

  private static String expanded(String expression) {
    return expression.replace("$__rate_interval", "5m").replace("$instance", ".*");
  }
}
