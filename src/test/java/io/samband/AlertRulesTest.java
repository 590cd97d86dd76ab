package io.samband;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alerts of {@code server-config/prometheus}, tried by Prometheus's own tool. */
class AlertRulesTest {
  private static final Path RULES = Path.of("server-config/prometheus/samband.rules.yml");
  private static final Path CASES = Path.of("src/test/resources/prometheus/samband-test.yml");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(.+?)`(?: for (\\d+ \\w+))? \\| (.+) \\| (.+) \\|$");
  private static final Pattern RULE = Pattern.compile("""
      (?m)^      - alert: Samband\\w+
              expr: (.+)
      (?:        for: (.+)
      )?        labels: \\{ severity: (?:critical|warning) \\}
              annotations:
                summary: '(.+)'
                action: '(.+)'$""");

  @TempDir
  Path temp;

  @Test
  void eachAlertIsGivenWhenItsFigureIsWrongAndNoneWhenAllIsWell() throws Exception {
    Files.copy(RULES, temp.resolve(RULES.getFileName()));
    Path cases = Files.copy(CASES, temp.resolve(CASES.getFileName()));
    // All alerts, so that none is forgotten.
    String tried = Files.readString(cases);
    Pattern.compile("- alert: (\\w+)")
        .matcher(Files.readString(RULES))
        .results()
        .forEach(alert -> assertThat(tried).contains("alertname=\"" + alert.group(1) + '"'));

    Process promtool = new ProcessBuilder("promtool", "test", "rules", cases.toString())
        .redirectErrorStream(true)
        .start();
    String output = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(promtool.waitFor()).as(output).isZero();
    assertThat(output).contains("SUCCESS");
  }

  @Test
  void theManualSaysTheSame() throws IOException {
    String manual = Files.readString(Path.of("docs/operations.md"));
    String table =
        manual.substring(manual.indexOf("## Alerts"), manual.indexOf("## What the log answers"));
    List<String> rows = ROW.matcher(table)
        .results()
        .map(row -> String.join(
            "; ",
            row.group(1).replace("\\|", "|"),
            row.group(2) == null ? "" : row.group(2).replace(" ", "").replace("min", "m"),
            plain(row.group(3)),
            plain(row.group(4))))
        .toList();
    List<String> rules = RULE.matcher(Files.readString(RULES))
        .results()
        .map(rule -> String.join(
            "; ",
            rule.group(1).replaceAll("^'|'$", ""),
            rule.group(2) == null ? "" : rule.group(2),
            rule.group(3).replace("''", "'"),
            rule.group(4).replace("''", "'")))
        .toList();
    assertThat(rules).isEqualTo(rows).hasSizeGreaterThan(20);
  }

  private static String plain(String markdown) {
    return markdown.replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1").replace("`", "");
  }
}
