package io.samband.stream.fanout;

import com.sun.management.OperatingSystemMXBean;
import io.samband.log.EventFilter;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What audiences cost the delivery engine, without a server: 10,000 idle subscribers, the same number of events, three ways in turn.
 * Outputs only count, so what is compared is our own work and not that of sockets. {@code ./mvnw -Pbench-audience} runs it.
 */
public final class AudienceBench {
  private static final int SUBSCRIBERS = 10_000;
  private static final int EVENTS = 300;
  private static final int PAUSE_MILLIS = 12;
  private static final int ROUNDS = 9;

  private AudienceBench() {}

  private enum Way {
    NO_ATTRIBUTES,
    DIFFERENT_ATTRIBUTES,
    EVENTS_FOR_ONE_USER
  }

  /** Always takes bytes. Used by the worker only. */
  private static final class Counting implements StreamOutput {
    private long writes;

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void write(byte[] bytes) {
      writes++;
    }

    @Override
    public void close() {
      writes = 0;
    }
  }

  public static void main(String[] arguments) throws InterruptedException {
    Map<Way, List<Double>> micros = new EnumMap<>(Way.class);
    for (Way way : Way.values()) {
      microsPerEvent(way); // Warms up.
      micros.put(way, new ArrayList<>());
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (Way way : Way.values()) {
        micros.get(way).add(microsPerEvent(way));
      }
    }
    double first = median(micros.get(Way.NO_ATTRIBUTES));
    micros.forEach((way, each) -> System.out.printf(
        Locale.ROOT,
        "%-22s median %8.1f us of CPU an event (%.1f to %.1f), %.3f of the first%n",
        way,
        median(each),
        each.stream().min(Double::compare).orElseThrow(),
        each.stream().max(Double::compare).orElseThrow(),
        median(each) / first));
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().skip(ROUNDS / 2).findFirst().orElseThrow();
  }

  private static double microsPerEvent(Way way) throws InterruptedException {
    try (Engine engine = new Engine(8 << 20, Map.of())) {
      List<Counting> outputs = new ArrayList<>();
      for (int i = 0; i < SUBSCRIBERS; i++) {
        EventFilter filter = way == Way.NO_ATTRIBUTES
            ? EventFilter.ALL
            : EventFilter.ALL.seenBy(
                Set.of("user:u" + i, "role:dispatcher", "station:s" + i % 500));
        Counting output = new Counting();
        outputs.add(output);
        engine.subscribe(null, filter, output).onWritable();
      }
      engine.settle();
      engine.settle();
      long begun = cpuNanos();
      for (int i = 0; i < EVENTS; i++) {
        engine.log.append(300, way == Way.EVENTS_FOR_ONE_USER ? "test@user:u" + i : "test");
        // One event at a time, as in a control room. What is measured is CPU, so that waiting costs
        // nothing.
        Thread.sleep(PAUSE_MILLIS);
      }
      double micros = (cpuNanos() - begun) / 1_000.0 / EVENTS;
      engine.settle();
      long writes = outputs.stream().mapToLong(output -> output.writes).sum();
      long expected = way == Way.EVENTS_FOR_ONE_USER ? EVENTS : (long) EVENTS * SUBSCRIBERS;
      // Some events may have shared a write.
      if (writes < expected * 9 / 10 || writes > expected + 3L * SUBSCRIBERS) {
        throw new IllegalStateException(way + ": " + writes + " writes, expected " + expected);
      }
      return micros;
    }
  }

  private static long cpuNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }
}
