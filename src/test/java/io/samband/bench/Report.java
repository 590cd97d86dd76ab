package io.samband.bench;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonWriter;
import jakarta.json.JsonWriterFactory;
import jakarta.json.stream.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** The results of one server: the lines as they come, the tables of the medians, and the JSON. */
final class Report {
  private static final Map<String, String> NAMES =
      Map.of("payara", "Payara Micro", "wildfly", "WildFly");

  private final String server;
  private final List<Round> results = new ArrayList<>();
  private final List<HeapRound> heaps = new ArrayList<>();

  private record Round(int round, Result result) {
    boolean is(String mode, int clients, String target) {
      return result.scenario().mode().equals(mode)
          && result.scenario().clients() == clients
          && result.target().equals(target);
    }
  }

  private record HeapRound(int round, String target, int clients, double kilobytes) {}

  /** What a row of the table stands for. */
  private record Row(String mode, int clients, String target) {}

  Report(String server) {
    this.server = server;
  }

  void add(int round, Result result) {
    results.add(new Round(round, result));
  }

  void addHeap(int round, String target, int clients, double kilobytes) {
    heaps.add(new HeapRound(round, target, clients, kilobytes));
  }

  String line(int round, Result result) {
    return String.format(
        Locale.ROOT,
        "%d %-10s %-18s N=%-6d %9.0f/s  p50 %8.2f  p99 %8.2f ms  CPU %7.2f s/M  %s",
        round,
        result.target(),
        result.scenario().mode(),
        result.scenario().clients(),
        result.deliveriesPerSecond(),
        result.millis().p50(),
        result.millis().p99(),
        result.cpuSecondsPerMillion(),
        result.faults());
  }

  /** Prints the tables, and leaves {@code <server>.json} and {@code <server>.md}. */
  void write(Path directory) throws IOException {
    String tables = tables();
    System.out.println(tables);
    Files.writeString(directory.resolve(server + ".md"), tables);
    JsonWriterFactory pretty =
        Json.createWriterFactory(Map.of(JsonGenerator.PRETTY_PRINTING, true));
    try (Writer file = Files.newBufferedWriter(directory.resolve(server + ".json"));
        JsonWriter json = pretty.createWriter(file)) {
      json.write(toJson());
    }
  }

  private JsonObject toJson() {
    JsonArrayBuilder runs = Json.createArrayBuilder();
    for (Round round : results) {
      runs.add(Json.createObjectBuilder(round.result.toJson()).add("round", round.round));
    }
    JsonArrayBuilder idle = Json.createArrayBuilder();
    for (HeapRound heap : heaps) {
      idle.add(Json.createObjectBuilder()
          .add("round", heap.round)
          .add("target", heap.target)
          .add("clients", heap.clients)
          .add("kilobytesPerStream", heap.kilobytes));
    }
    JsonObjectBuilder json = Json.createObjectBuilder()
        .add("server", server)
        .add("java", System.getProperty("java.version"))
        .add("processors", Runtime.getRuntime().availableProcessors())
        .add("runs", runs)
        .add("heap", idle);
    return json.build();
  }

  private String tables() {
    StringBuilder text = new StringBuilder();
    text.append("\n### ").append(NAMES.getOrDefault(server, server)).append("\n\n");
    conditions(text);
    runs(text);
    text.append('\n');
    summary(text);
    return text.toString();
  }

  private void conditions(StringBuilder text) {
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    text.append(String.format(
        Locale.ROOT,
        "%s, Java %s, %d processors, load average at the end %.1f, rounds: %d, × = against %s.%n%n",
        LocalDate.now(ZoneOffset.UTC),
        System.getProperty("java.version"),
        Runtime.getRuntime().availableProcessors(),
        load,
        results.stream().mapToInt(Round::round).max().orElse(0),
        reference()));
  }

  private void runs(StringBuilder text) {
    text.append("| load | N | | deliveries/s | p50 ms | p99 ms | CPU s per million |"
        + " CPU × | deliveries/s × | p50 × | faults |\n");
    text.append("|---|--:|---|--:|--:|--:|--:|--:|--:|--:|---|\n");
    for (Row row : rows()) {
      text.append(String.format(
          Locale.ROOT,
          "| %s | %d | %s | %,.0f | %.2f | %.2f | %.2f | %s | %s | %s | %s |%n",
          row.mode,
          row.clients,
          row.target,
          median(row, Result::deliveriesPerSecond),
          median(row, result -> result.millis().p50()),
          median(row, result -> result.millis().p99()),
          median(row, Result::cpuSecondsPerMillion),
          ratio(row, Result::cpuSecondsPerMillion),
          ratio(row, Result::deliveriesPerSecond),
          ratio(row, result -> result.millis().p50()),
          faults(row)));
    }
  }

  private Set<Row> rows() {
    Set<Row> rows = new LinkedHashSet<>();
    for (Round round : results) {
      Scenario scenario = round.result.scenario();
      rows.add(new Row(scenario.mode(), scenario.clients(), round.result.target()));
    }
    return rows;
  }

  /** What the others are compared with: the first of these that was run. */
  private String reference() {
    return Stream.of("cref", "earlier", "reference")
        .filter(name -> results.stream().anyMatch(round -> round.result.target().equals(name)))
        .findFirst()
        .orElse("reference");
  }

  private double median(Row row, ToDoubleFunction<Result> figure) {
    return median(results.stream()
        .filter(round -> round.is(row.mode, row.clients, row.target))
        .mapToDouble(round -> figure.applyAsDouble(round.result))
        .toArray());
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private String ratio(Row row, ToDoubleFunction<Result> figure) {
    return ratio(row, new Row(row.mode, row.clients, reference()), figure);
  }

  /** The median of what each round's two figures give: both were measured in the same minutes. */
  private String ratio(Row row, Row other, ToDoubleFunction<Result> figure) {
    double[] ratios = results.stream()
        .filter(round -> round.is(row.mode, row.clients, row.target))
        .mapToDouble(round -> figure.applyAsDouble(round.result)
            / sameRound(round.round, other).map(figure::applyAsDouble).orElse(Double.NaN))
        .filter(Double::isFinite)
        .toArray();
    return ratios.length == 0 ? "" : String.format(Locale.ROOT, "%.2f", median(ratios));
  }

  private Optional<Result> sameRound(int number, Row row) {
    return results.stream()
        .filter(round -> round.round == number && round.is(row.mode, row.clients, row.target))
        .map(Round::result)
        .findFirst();
  }

  private String faults(Row row) {
    List<String> faults = results.stream()
        .filter(round -> round.is(row.mode, row.clients, row.target))
        .map(round -> round.result.faults())
        .filter(fault -> !fault.isEmpty())
        .toList();
    return String.join("; ", faults);
  }

  /** The figures that compare two rows. */
  private void summary(StringBuilder text) {
    text.append("| | figure | |\n|---|---|--:|\n");
    for (Row row : rows()) {
      if (row.mode.equals("filtered")) {
        Row unfiltered = new Row("rate", row.clients, row.target);
        line(
            text,
            row.target,
            "filtered, CPU per delivery × unfiltered, N = " + row.clients,
            ratio(row, unfiltered, Result::cpuSecondsPerMillion));
      }
      if (row.mode.equals("5 stalled")) {
        Row without = new Row("0 stalled", row.clients, row.target);
        line(
            text,
            row.target,
            "5 stalled, p99 of the others × without them",
            ratio(row, without, result -> result.millis().p99()));
      }
      if (row.mode.equals("rate") && row.clients > 1000) {
        Row thousand = new Row("rate", 1000, row.target);
        line(
            text,
            row.target,
            "CPU per delivery at a rate, N = " + row.clients + " × N = 1000",
            ratio(row, thousand, Result::cpuSecondsPerMillion));
      }
    }
    heaps.stream()
        .map(heap -> new Row("heap", heap.clients, heap.target))
        .distinct()
        .forEach(row -> line(
            text,
            row.target,
            "heap after GC per idle stream, kB, N = " + row.clients,
            String.format(
                Locale.ROOT,
                "%.1f",
                median(heaps.stream()
                    .filter(heap -> heap.clients == row.clients && heap.target.equals(row.target))
                    .mapToDouble(HeapRound::kilobytes)
                    .toArray()))));
  }

  private static void line(StringBuilder text, String target, String what, String figure) {
    if (!figure.isEmpty()) {
      text.append(String.format("| %s | %s | %s |%n", target, what, figure));
    }
  }
}
