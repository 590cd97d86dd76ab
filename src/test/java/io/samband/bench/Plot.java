package io.samband.bench;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Draws {@code performance.svg} from the results that {@link Report} has left in a directory: its argument. */
final class Plot {
  private static final Map<String, String> COLOURS = new TreeMap<>(Map.of(
      "cref",
      "#9aa5b1",
      "reference",
      "#cbd2d9",
      "earlier",
      "#8fbfa5",
      "samband",
      "#1f7a4d",
      "identities",
      "#4f9fb0",
      "stock",
      "#c2571a"));
  private static final List<String> ORDER =
      List.of("cref", "reference", "earlier", "samband", "identities", "stock");
  private static final int WIDTH = 920;
  private static final int PANEL = 230;
  private static final int LEFT = 70;
  private static final int TOP = 60;
  private static final int BARS = 130;

  private final StringBuilder svg = new StringBuilder();
  private final List<JsonObject> runs;

  private record Panel(String title, String mode, String figure) {}

  private Plot(List<JsonObject> runs) {
    this.runs = runs;
  }

  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    List<JsonObject> runs = new ArrayList<>();
    for (String server : List.of("wildfly", "payara")) {
      runs.addAll(read(directory.resolve(server + ".json"), server));
    }
    Files.writeString(directory.resolve("performance.svg"), new Plot(runs).draw());
  }

  private static List<JsonObject> read(Path file, String server) throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    try (Reader text = Files.newBufferedReader(file);
        JsonReader json = Json.createReader(text)) {
      return json.readObject().getJsonArray("runs").getValuesAs(JsonObject.class).stream()
          .map(run -> Json.createObjectBuilder(run).add("server", server).build())
          .toList();
    }
  }

  private String draw() {
    List<Panel> panels = List.of(
        new Panel(
            "CPU seconds per million deliveries at 5 events/s (less is better)",
            "rate",
            "cpuSecondsPerMillion"),
        new Panel(
            "CPU seconds per million deliveries, saturated (less is better)",
            "saturated",
            "cpuSecondsPerMillion"),
        new Panel(
            "Deliveries per second, saturated (more is better)",
            "saturated",
            "deliveriesPerSecond"));
    int height = TOP + PANEL * panels.size();
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
            + " font-family=\"system-ui, sans-serif\" font-size=\"12\">",
        WIDTH, height);
    add("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, height);
    legend();
    for (int i = 0; i < panels.size(); i++) {
      panel(panels.get(i), TOP + i * PANEL);
    }
    add("</svg>");
    return svg.toString();
  }

  private void legend() {
    int x = LEFT;
    for (String target : ORDER) {
      if (runs.stream().anyMatch(run -> run.getString("target").equals(target))) {
        add(
            "<rect x=\"%d\" y=\"14\" width=\"12\" height=\"12\" fill=\"%s\"/>",
            x, COLOURS.get(target));
        add("<text x=\"%d\" y=\"24\">%s</text>", x + 17, target);
        x += 110;
      }
    }
    add("<text x=\"%d\" y=\"24\" fill=\"#52606d\">logarithmic scales</text>", x);
  }

  /** Groups of bars: one group per server and number of streams, one bar per target. */
  private void panel(Panel panel, int top) {
    Map<String, Map<String, Double>> groups = groups(panel);
    double[] values = groups.values().stream()
        .flatMap(group -> group.values().stream())
        .mapToDouble(Double::doubleValue)
        .toArray();
    if (values.length == 0) {
      return;
    }
    double low = Math.floor(Math.log10(Arrays.stream(values).min().orElseThrow()));
    double high = Math.ceil(Math.log10(Arrays.stream(values).max().orElseThrow()));
    add("<text x=\"%d\" y=\"%d\" font-weight=\"600\">%s</text>", LEFT, top, panel.title);
    grid(low, high, top + 30);
    int groupWidth = (WIDTH - LEFT - 20) / groups.size();
    int x = LEFT;
    for (Map.Entry<String, Map<String, Double>> group : groups.entrySet()) {
      bars(group.getValue(), x + 8, groupWidth - 16, top + 30, low, high);
      add(
          "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>",
          x + groupWidth / 2, top + 30 + BARS + 18, group.getKey());
      x += groupWidth;
    }
  }

  private Map<String, Map<String, Double>> groups(Panel panel) {
    Comparator<JsonObject> order = Comparator.<JsonObject, Integer>comparing(
            run -> run.getString("server").equals("wildfly") ? 0 : 1)
        .thenComparing(run -> run.getInt("clients"))
        .thenComparing(run -> ORDER.indexOf(run.getString("target")));
    Stream<JsonObject> wanted = runs.stream()
        .filter(run -> run.getString("mode").equals(panel.mode) && !run.isNull(panel.figure))
        .sorted(order);
    return wanted.collect(Collectors.groupingBy(
        run -> run.getString("server") + ", N = " + run.getInt("clients"),
        LinkedHashMap::new,
        Collectors.groupingBy(
            run -> run.getString("target"),
            LinkedHashMap::new,
            Collectors.collectingAndThen(
                Collectors.mapping(
                    run -> run.getJsonNumber(panel.figure).doubleValue(), Collectors.toList()),
                Plot::median))));
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  private void grid(double low, double high, int top) {
    for (double power = low; power <= high; power++) {
      long y = Math.round(top + BARS - BARS * (power - low) / (high - low));
      add(
          "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"#e4e7eb\"/>",
          LEFT, WIDTH - 20, y, y);
      add(
          "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#52606d\">%s</text>",
          LEFT - 8, y + 4, compact(Math.pow(10, power)));
    }
  }

  private void bars(
      Map<String, Double> bars, int left, int width, int top, double low, double high) {
    int barWidth = width / bars.size();
    int x = left;
    for (Map.Entry<String, Double> bar : bars.entrySet()) {
      double share = (Math.log10(bar.getValue()) - low) / (high - low);
      long height = Math.max(1, Math.round(BARS * share));
      add(
          "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>",
          x + 1, top + BARS - height, Math.max(1, barWidth - 2), height, COLOURS.get(bar.getKey()));
      add(
          "<text x=\"%d\" y=\"%d\" font-size=\"9\" text-anchor=\"middle\">%s</text>",
          x + barWidth / 2, top + BARS - height - 3, compact(bar.getValue()));
      x += barWidth;
    }
  }

  private static String compact(double value) {
    if (value >= 1e6) {
      return trim(value / 1e6) + " M";
    }
    return value >= 1e3 ? trim(value / 1e3) + " k" : trim(value);
  }

  private static String trim(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 1 ? "%.3g" : "%.2g", value);
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
