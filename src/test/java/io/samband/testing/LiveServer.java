package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A real server with our WAR on it, in a process of its own, of the {@link ServerKind} that this run is about.
 *
 * <p>Not thread-safe, but for {@link #shared}.
 */
public final class LiveServer implements AutoCloseable {
  /**
   * What the shared server runs with: keepalives that a test can wait for, and time for a test to stall on a busy machine.
   * A test that needs something else starts a server of its own.
   */
  public static final Map<String, String> SHARED_SETTINGS = Map.of(
      "samband.stream.keepalive-millis", "2000",
      "samband.stream.stall-millis", "120000",
      "samband.http.allowed-origins", "https://desk.example");

  private static final String DATA_DIR = "samband.data.dir";
  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration STOP = Duration.ofSeconds(30);
  private static LiveServer shared;

  private final Engine engine;
  private final Path work;
  private final int port;
  private final int httpsPort;
  private final Map<String, String> settings;
  private Map<String, String> environment = Map.of();
  private Path firstWar = war();
  private Path ours = war();
  private boolean compressing;
  private boolean trusting;
  private boolean piped;
  private OutputPipe output;
  private Process process;
  private int logMark;

  /** The deployment was refused, or the server never got ready. The message is the server's log. */
  public static final class DeploymentFailed extends RuntimeException {
    private static final long serialVersionUID = 1;

    DeploymentFailed(String why, String log) {
      super(why + "\n" + log);
    }
  }

  /** One server for all tests of this JVM, started by the first; see {@link #SHARED_SETTINGS}. */
  public static synchronized LiveServer shared() {
    if (shared == null) {
      shared = start(SHARED_SETTINGS);
    }
    return shared;
  }

  /** A server of its own, with system properties ({@code samband.*}) for its settings. Close it. */
  public static LiveServer start(Map<String, String> settings) {
    return deployed(startBare(settings));
  }

  /** As above, with environment variables beside those of this process; an empty one is taken away. */
  public static LiveServer start(Map<String, String> settings, Map<String, String> environment) {
    LiveServer server = bare(settings);
    server.environment = Map.copyOf(environment);
    server.launch();
    return deployed(server);
  }

  /** As above, with another WAR of ours, which {@link #restart()} and {@link #deploy()} deploy, too. */
  public static LiveServer start(
      Map<String, String> settings, Map<String, String> environment, Path war) {
    LiveServer server = bare(settings);
    server.environment = Map.copyOf(environment);
    server.ours = war;
    server.launch();
    return deployed(server);
  }

  /** As {@link #start(Map)}, with no application on it yet. */
  public static LiveServer startBare(Map<String, String> settings) {
    LiveServer server = bare(settings);
    server.launch();
    return server;
  }

  /** As {@link #start}, with the container's gzip compression switched on for everything. */
  public static LiveServer startCompressing(Map<String, String> settings) {
    LiveServer server = bare(settings);
    server.compressing = true;
    server.launch();
    return deployed(server);
  }

  /** As {@link #start}, with a pipe as standard output, which {@link #stopReadingOutput} lets fill. */
  public static LiveServer startPiped(Map<String, String> settings) {
    LiveServer server = bare(settings);
    server.piped = true;
    server.launch();
    return deployed(server);
  }

  /** As {@link #start}, with another WAR, on a server that takes the users whom an application names. */
  public static LiveServer startWithLogin(Map<String, String> settings, Path war) {
    LiveServer server = bare(settings);
    server.trusting = true;
    server.launch();
    try {
      server.deploy(war);
      server.awaitReady();
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** As {@link #start(Map)}, on a server of this kind, whatever this run is about, and with any WAR of ours. */
  public static LiveServer start(ServerKind kind, Map<String, String> settings, Path war) {
    LiveServer server = new LiveServer(kind.bare(), settings);
    server.ours = war;
    server.launch();
    return deployed(server);
  }

  private static LiveServer bare(Map<String, String> settings) {
    return new LiveServer(ServerKind.current().bare(), settings);
  }

  /** A server of its own, set up and started by what {@code server-config} holds. Close it. */
  public static LiveServer startAsConfigured() {
    LiveServer server = new LiveServer(ServerKind.current().configured(), Map.of());
    // As the units of systemd say it.
    server.environment = Map.of("SAMBAND_DATA_DIR", server.settings.remove(DATA_DIR));
    server.launch();
    return deployed(server);
  }

  /** As above, with this WAR and these settings; returns without waiting, because the server may end by itself. */
  public static LiveServer launchAsConfigured(Map<String, String> settings, Path war) {
    LiveServer server = new LiveServer(ServerKind.current().configured(), settings);
    server.firstWar = war;
    server.launch();
    return server;
  }

  private static LiveServer deployed(LiveServer server) {
    try {
      server.deploy();
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private LiveServer(Engine engine, Map<String, String> settings) {
    this.engine = engine;
    port = Ports.free();
    httpsPort = Ports.free();
    try {
      Path all = Path.of(System.getProperty("samband.it.work", "target/it"));
      work = Files.createTempDirectory(Files.createDirectories(all.toAbsolutePath()), engine + "-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.settings = new TreeMap<>(settings);
    this.settings.putIfAbsent(DATA_DIR, work.resolve("data").toString());
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
  }

  /** The WAR under test. */
  public static Path war() {
    return Path.of(System.getProperty("samband.it.war", "target/samband.war")).toAbsolutePath();
  }

  /** The root of the application, with a slash at its end. */
  public URI base() {
    return URI.create("http://127.0.0.1:" + port + "/");
  }

  /** As above, over the listener for TLS; its certificate names no address. */
  public URI httpsBase() {
    return URI.create("https://localhost:" + httpsPort + "/");
  }

  public Http http() {
    return new Http(base());
  }

  public RawStream stream(String path, String... headers) {
    return RawStream.open(base(), path, headers);
  }

  public Path dataDir() {
    return Path.of(settings.getOrDefault(DATA_DIR, environment.get("SAMBAND_DATA_DIR")));
  }

  /** The process id of the server's JVM, for a look at its threads and sockets. */
  public long pid() {
    return process
        .descendants()
        .filter(child -> child.info().command().orElse("").endsWith("/java"))
        .map(ProcessHandle::pid)
        .findFirst()
        .orElse(process.pid());
  }

  /** Waits until the server has ended by itself; its exit status. */
  public int awaitEnd(Duration timeout) {
    try {
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("The server did not end within " + timeout + "\n" + log());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  public boolean isRunning() {
    return process.isAlive();
  }

  /** All that the server has logged since this object was made, restarts included. */
  public String log() {
    try {
      return Files.exists(logFile()) ? Files.readString(logFile()) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What it has logged since it was last started, or told to deploy. */
  String recentLog() {
    return log().substring(logMark);
  }

  public Path logFile() {
    return work.resolve("server.log");
  }

  /** Kills the process as a crash does: nothing is flushed, nothing is closed. */
  public void kill9() {
    // Its parent first, which would otherwise see its end: a supervisor kills both at once.
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    children.forEach(child -> child.onExit().join());
    awaitExit();
  }

  /** From now on it does nothing, and its connections stay open. */
  public void freeze() {
    signal("STOP");
  }

  public void thaw() {
    signal("CONT");
  }

  private void signal(String name) {
    Processes.signal(name, pid());
  }

  /** Stops it as an operator does (SIGTERM), and waits until it is gone. */
  public void stop() {
    process.destroy();
    awaitExit();
  }

  /** Starts it again (stopping it first if it runs) with the same port, data and settings. */
  public void restart() {
    if (process.isAlive()) {
      stop();
    }
    launch();
    deploy();
  }

  /** As above, with some settings changed. */
  public void restart(Map<String, String> changed) {
    settings.putAll(changed);
    restart();
  }

  /** As above, with another WAR of ours from now on. */
  public void restart(Path war) {
    ours = war;
    restart();
  }

  /** Takes the application off the running server, and returns when it is off. */
  public void undeploy() {
    engine.undeploy(this);
  }

  /** Puts the WAR on the running server, and returns when it is ready. */
  public void deploy() {
    deploy(ours);
    awaitReady();
  }

  /** Puts another WAR on the running server; returns when the server has taken it. */
  public void deploy(Path otherWar) {
    takes(() -> engine.deploy(this, otherWar));
  }

  /** Puts another application beside ours, at the context root {@code /name}; returns when the server has taken it. */
  public void deployBeside(String name, Path otherWar) {
    takes(() -> engine.deployBeside(this, name, otherWar));
  }

  private void takes(Runnable deployment) {
    logMark = log().length();
    deployment.run();
    // A server may say that it is done and that it refuses in the same moment.
    if (engine.refused(this)) {
      throw new DeploymentFailed("The deployment was refused", log());
    }
  }

  /** Ends it without ceremony, and removes what it wrote, except for its log. */
  @Override
  public void close() {
    if (process != null && process.isAlive()) {
      kill9();
    }
    Directories.delete(work, file -> !file.equals(logFile()) && !file.equals(work));
  }

  /** From now on what the server prints fills the pipe, and then blocks whoever prints. */
  public void stopReadingOutput() {
    output.stop(true);
  }

  /** Reads on, so that what was printed meanwhile gets into {@link #log}. */
  public void readOutput() {
    output.stop(false);
  }

  Path firstWar() {
    return firstWar;
  }

  Process process() {
    return process;
  }

  boolean isCompressing() {
    return compressing;
  }

  boolean isPiped() {
    return piped;
  }

  boolean isTrustingApplications() {
    return trusting;
  }

  Path work() {
    return work;
  }

  int port() {
    return port;
  }

  int httpsPort() {
    return httpsPort;
  }

  private void launch() {
    logMark = log().length();
    List<String> command = engine.command(this);
    try {
      ProcessBuilder builder = new ProcessBuilder(command)
          .directory(work.toFile())
          .redirectErrorStream(true)
          .redirectOutput(piped ? Redirect.PIPE : Redirect.appendTo(logFile().toFile()));
      // Tests of other things use all calls; a setting of the test is stronger than a variable.
      builder.environment().put("SAMBAND_AUTH_MODE", "open");
      builder.environment().putAll(environment);
      builder.environment().values().removeIf(String::isEmpty);
      process = builder.start();
      if (piped) {
        output = new OutputPipe(process.getInputStream(), logFile());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Heap, options of this test run, and the settings as system properties. */
  List<String> jvmFlags() {
    List<String> flags = new ArrayList<>();
    flags.add("-Xmx" + System.getProperty("samband.it.heap", "768m"));
    String options = System.getProperty("samband.it.options", "");
    Stream.of(options.split(" ")).filter(option -> !option.isEmpty()).forEach(flags::add);
    flags.add("-Djava.io.tmpdir=" + directory("tmp"));
    settings.forEach((key, value) -> flags.add("-D" + key + "=" + value));
    return flags;
  }

  private void awaitReady() {
    Http http = http();
    await(START, "not ready", () -> {
      try {
        return http.get("api/health/ready").status() == 200;
      } catch (UncheckedIOException notListening) {
        return false;
      }
    });
  }

  /** Waits for a condition, and fails as soon as the server has died or has refused the deployment. */
  void await(Duration timeout, String otherwise, BooleanSupplier condition) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!condition.getAsBoolean()) {
      if (!process.isAlive()) {
        throw new DeploymentFailed("The server ended with " + process.exitValue(), log());
      }
      if (engine.refused(this)) {
        throw new DeploymentFailed("The deployment was refused", log());
      }
      if (System.nanoTime() > deadline) {
        throw new DeploymentFailed(otherwise + " within " + timeout, log());
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void awaitExit() {
    try {
      if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("The server did not stop within " + STOP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  Path directory(String name) {
    try {
      return Files.createDirectories(work.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s at %s, log %s", engine, base(), logFile());
  }
}
