package io.samband.bench;

import io.samband.testing.Jcmd;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures Samband on both servers, and beside it, in the same minutes, what the container brings and what the machine can
 * do. Run by {@code ./mvnw -Pbench verify}; see {@link Options}.
 */
final class Benchmark {
  private static final int WARM_UP_CLIENTS = 1_000;
  private static final double WARM_UP_SECONDS = 30;

  private static final long SETTLE_MILLIS = 15_000;

  /** Longer than two keepalives: until then those that left may still be in the heap. */
  private static final long GONE_MILLIS = 40_000;

  private final Options options;
  private final Report report;
  private final String server;

  private Benchmark(Options options, String server) {
    this.options = options;
    this.server = server;
    this.report = new Report(server);
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Options options = Options.fromSystemProperties();
    Files.createDirectories(options.work());
    for (String server : options.servers()) {
      new Benchmark(options, server).run();
    }
    Plot.main(new String[] {options.work().toString()});
    if (options.docs() != null) {
      Docs.update(options.docs(), options.work());
    }
  }

  private void run() throws IOException, InterruptedException {
    List<Target> targets = new ArrayList<>();
    try {
      for (String name : options.targets()) {
        say("starting " + name);
        targets.add(new Targets(options).start(name, server));
      }
      warmUp(targets);
      for (int round = 1; round <= options.rounds(); round++) {
        round(targets, round);
      }
    } finally {
      targets.forEach(Target::close);
      report.write(options.work());
    }
  }

  /** What is measured first would otherwise be the compiler of the JVM. */
  private void warmUp(List<Target> targets) throws IOException, InterruptedException {
    for (Target target : targets) {
      say("warming " + target.name());
      load(
          target,
          new Scenario("warm-up", WARM_UP_CLIENTS, 0, 1, 0, 0, WARM_UP_SECONDS, options.size()));
      if (options.modes().contains("stalled")) {
        load(target, options.stalledScenario(false));
      }
    }
    // What the load has marked is still being compiled.
    Thread.sleep(SETTLE_MILLIS);
  }

  private void round(List<Target> targets, int round) throws IOException, InterruptedException {
    for (String mode : options.modes()) {
      if (mode.equals("stalled")) {
        for (Target target : targets) {
          // In turn, so that what the first of a pair still has to compile hits both.
          measure(round, target, options.stalledScenario(round % 2 == 0));
          measure(round, target, options.stalledScenario(round % 2 != 0));
        }
        continue;
      }
      for (int clients : options.clients()) {
        for (Target target : targets) {
          if (!Options.isFiltered(mode) || target.filters()) {
            measure(round, target, options.scenario(mode, clients));
          }
        }
      }
    }
  }

  private void measure(int round, Target target, Scenario scenario)
      throws IOException, InterruptedException {
    if (scenario.mode().equals("heap")) {
      if (!target.name().equals("cref")) {
        heap(round, target, scenario);
      }
      return;
    }
    Result result = load(target, scenario);
    report.add(round, result);
    say(report.line(round, result));
  }

  private static Result load(Target target, Scenario scenario)
      throws IOException, InterruptedException {
    try (LoadRun run = new LoadRun(target, scenario)) {
      run.connect();
      return run.measure();
    }
  }

  /** What an idle stream costs: it is opened, and gets its headers and what a server sends at once. */
  private void heap(int round, Target target, Scenario scenario)
      throws IOException, InterruptedException {
    Thread.sleep(GONE_MILLIS);
    long without = Jcmd.liveBytes(target.pid());
    try (LoadRun run = new LoadRun(target, scenario)) {
      run.connect();
      double kilobytes = (Jcmd.liveBytes(target.pid()) - without) / 1000.0 / scenario.clients();
      report.addHeap(round, target.name(), scenario.clients(), kilobytes);
      say(String.format(
          Locale.ROOT,
          "%d %-10s heap %d streams: %.1f kB each",
          round,
          target.name(),
          scenario.clients(),
          kilobytes));
    }
  }

  private void say(String line) {
    System.out.println(server + " " + line);
  }
}
