package io.samband.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What the system properties {@code bench.*} ask for.
 *
 * @param servers of {@code payara}, {@code wildfly}
 * @param clients numbers of subscribers
 * @param modes of {@code rate}, {@code saturated}, {@code filtered}, {@code filtered-saturated}, {@code heap}, {@code stalled}
 * @param targets of {@code samband}, {@code identities} (each stream of another user),
 *     {@code postgresql} and {@code redis} (with that engine, each stream of nobody in particular), {@code earlier}, {@code stock}, {@code reference}, {@code cref}
 * @param rounds how often everything is measured; medians are shown
 * @param events how many events a run with a rate publishes per event type
 * @param seconds how long a saturated run publishes
 * @param cref the C reference, compiled; null if there is none
 * @param earlier the WAR of another version of Samband, to compare the two; null if there is none
 * @param work where results and logs go
 * @param docs where {@code performance.md} gets the tables and the plot; null if it does not
 */
record Options(
    List<String> servers,
    List<Integer> clients,
    List<String> modes,
    List<String> targets,
    int rounds,
    int events,
    double seconds,
    int size,
    Path cref,
    Path earlier,
    Path work,
    Path docs) {

  static Options fromSystemProperties() {
    String server = text("server", "both");
    String cref = text("cref", "");
    String earlier = text("earlier", "");
    return new Options(
        server.equals("both") ? List.of("wildfly", "payara") : List.of(server),
        Arrays.stream(text("clients", "1000,5000").split(",", -1))
            .map(Integer::valueOf)
            .toList(),
        list("modes", "rate,saturated,filtered,heap,stalled"),
        list(
            "targets", cref.isEmpty() ? "reference,samband,stock" : "cref,reference,samband,stock"),
        Integer.parseInt(text("rounds", "1")),
        Integer.parseInt(text("events", "50")),
        Double.parseDouble(text("seconds", "6")),
        Integer.parseInt(text("size", "200")),
        cref.isEmpty() ? null : Path.of(cref).toAbsolutePath(),
        earlier.isEmpty() ? null : Path.of(earlier).toAbsolutePath(),
        Path.of(text("work", "target/bench")).toAbsolutePath(),
        text("docs", "").isEmpty() ? null : Path.of(text("docs", "")));
  }

  private static List<String> list(String name, String otherwise) {
    return List.of(text(name, otherwise).split(",", -1));
  }

  /** The build hands over an empty text for what was not asked for. */
  static String text(String name, String otherwise) {
    String value = System.getProperty("bench." + name, "");
    return value.isEmpty() ? otherwise : value;
  }

  /** Who is asked to filter by type: the references and the stock broadcaster have no such thing. */
  static boolean isFiltered(String mode) {
    return mode.startsWith("filtered");
  }

  Scenario scenario(String mode, int n) {
    return switch (mode) {
      case "rate" -> new Scenario(mode, n, 0, 1, 5, events, 0, size);
      case "saturated" -> new Scenario(mode, n, 0, 1, 0, 0, seconds, size);
      case "filtered" -> new Scenario(mode, n, 0, 10, 50, 10 * events, 0, size);
      case "filtered-saturated" -> new Scenario(mode, n, 0, 10, 0, 0, seconds, size);
      case "heap" -> new Scenario(mode, n, 0, 1, 5, 0, 0, size);
      default -> throw new IllegalArgumentException("no such mode: " + mode);
    };
  }

  /** Large events, so that a client that does not read is stalled at once. */
  Scenario stalledScenario(boolean withStalled) {
    return withStalled
        ? new Scenario("5 stalled", 200, 5, 1, 20, 4 * events, 0, 64_000)
        : new Scenario("0 stalled", 200, 0, 1, 20, 4 * events, 0, 64_000);
  }
}
