package io.samband.bench;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;

/**
 * What one run gave.
 *
 * @param spanSeconds from the first event's due time to the last delivery
 * @param serverCpuSeconds user and system time of the server's process
 */
record Result(
    String target,
    Scenario scenario,
    Counts counts,
    Latencies millis,
    double spanSeconds,
    double serverCpuSeconds,
    double generatorCpuSeconds) {

  /**
   * @param connected streams that were open when the first event was published
   * @param left how many of them the server closed
   * @param hanging events that were published and never answered
   * @param doubled events that came to a subscriber twice, or in another order than to the others
   * @param starved streams that were open and got nothing
   */
  record Counts(
      int connected,
      int left,
      int published,
      int acknowledged,
      int publishFailures,
      int hanging,
      long delivered,
      long expected,
      long doubled,
      int starved) {}

  /** In milliseconds: an event from its due time to each subscriber, and a publish to its answer. */
  record Latencies(double p50, double p99, double max, double publishP50, double publishP99) {}

  double deliveriesPerSecond() {
    return counts.delivered / spanSeconds;
  }

  double cpuSecondsPerMillion() {
    return serverCpuSeconds / counts.delivered * 1e6;
  }

  long lost() {
    return Math.max(0, counts.expected - counts.delivered);
  }

  /** What is wrong with it, or an empty text. */
  String faults() {
    StringBuilder faults = new StringBuilder();
    add(faults, "connected only", counts.connected, counts.connected < scenario.clients());
    add(faults, "cut off", counts.left, counts.left > 0);
    add(faults, "lost", lost(), lost() > 0);
    add(faults, "too many", counts.delivered - counts.expected, counts.delivered > counts.expected);
    add(faults, "twice or out of order", counts.doubled, counts.doubled > 0);
    add(faults, "starved", counts.starved, counts.starved > 0);
    add(faults, "POST failed", counts.publishFailures, counts.publishFailures > 0);
    add(faults, "POST hanging", counts.hanging, counts.hanging > 0);
    return faults.toString();
  }

  private static void add(StringBuilder faults, String name, long count, boolean is) {
    if (is) {
      faults.append(faults.length() == 0 ? "" : ", ").append(name).append(' ').append(count);
    }
  }

  JsonObject toJson() {
    JsonObjectBuilder json = Json.createObjectBuilder()
        .add("target", target)
        .add("mode", scenario.mode())
        .add("clients", scenario.clients())
        .add("stalled", scenario.stalled())
        .add("types", scenario.types())
        .add("rate", scenario.rate())
        .add("size", scenario.size())
        .add("connected", counts.connected)
        .add("left", counts.left)
        .add("published", counts.published)
        .add("acknowledged", counts.acknowledged)
        .add("publishFailures", counts.publishFailures)
        .add("hanging", counts.hanging)
        .add("delivered", counts.delivered)
        .add("expected", counts.expected)
        .add("doubled", counts.doubled)
        .add("starved", counts.starved);
    number(json, "p50Millis", millis.p50);
    number(json, "p99Millis", millis.p99);
    number(json, "maxMillis", millis.max);
    number(json, "publishP50Millis", millis.publishP50);
    number(json, "publishP99Millis", millis.publishP99);
    number(json, "spanSeconds", spanSeconds);
    number(json, "serverCpuSeconds", serverCpuSeconds);
    number(json, "generatorCpuSeconds", generatorCpuSeconds);
    number(json, "deliveriesPerSecond", deliveriesPerSecond());
    number(json, "cpuSecondsPerMillion", cpuSecondsPerMillion());
    return json.build();
  }

  private static void number(JsonObjectBuilder json, String name, double value) {
    if (Double.isFinite(value)) {
      json.add(name, Math.round(value * 1e4) / 1e4);
    } else {
      json.addNull(name);
    }
  }
}
