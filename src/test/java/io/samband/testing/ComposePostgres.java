package io.samband.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The two PostgreSQL servers of {@code docker-compose.yml} without containers: made and started by the scripts and with the
 * settings of {@code server-config/postgresql/compose}, on ports and in directories of a test.
 *
 * <p>Not thread-safe.
 */
public final class ComposePostgres implements AutoCloseable {
  private static final Path SCRIPTS =
      Path.of("server-config/postgresql/compose").toAbsolutePath();
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String HOST = "127.0.0.1";

  private final Path dir;
  private final int primaryPort = Ports.free();
  private final int standbyPort = Ports.free();
  /** All that was started, servers and statements. */
  private final List<Process> started = new ArrayList<>();

  private Process primary;
  private Process standby;

  public ComposePostgres() {
    try {
      // Not below the home directory of another user than the server's.
      dir = Files.createTempDirectory(Path.of("/tmp"), "samband-compose-");
      for (String file :
          List.of("postgresql.conf", "passwords.sh", "primary-init.sh", "standby.sh")) {
        Files.copy(SCRIPTS.resolve(file), dir.resolve(file));
      }
      Files.createDirectory(dir.resolve("passwords"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (isRoot()) {
      run(List.of("chown", "-R", "postgres:", dir.toString()), Map.of());
    }
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
  }

  /** Makes the passwords that are missing. */
  public void makePasswords() {
    script("passwords.sh", Map.of());
  }

  /** The password of a user, as it stands in its file. */
  public String password(String user) {
    try {
      return Files.readString(dir.resolve("passwords").resolve(user));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sets a password before the servers are made. */
  public void setPassword(String user, String password) {
    write(dir.resolve("passwords").resolve(user), password);
  }

  /** Makes the data of the primary, in the steps of the image's own script. */
  public void makePrimary() {
    run(
        program(
            "initdb",
            "--no-sync",
            "-D",
            data("primary"),
            "-U",
            "postgres",
            "--pwfile=" + dir.resolve("passwords/postgres"),
            "-E",
            "UTF8"),
        Map.of());
    // What other containers see of the image's own: nobody is trusted by the network.
    write(
        dir.resolve("primary/pg_hba.conf"),
        "local all all trust\nhost all all all scram-sha-256\n");
    primary = start(program(
        "postgres",
        "-D",
        data("primary"),
        "-c",
        "config_file=" + dir.resolve("postgresql.conf"),
        "-c",
        "listen_addresses=",
        "-k",
        dir.toString(),
        "-p",
        String.valueOf(primaryPort)));
    awaitAnswer(primary, dir.toString(), primaryPort);
    script(
        "primary-init.sh",
        Map.of(
            "POSTGRES_USER", "postgres",
            "PGDATA", data("primary"),
            "PGHOST", dir.toString(),
            "PGPORT", String.valueOf(primaryPort)));
    stop(primary, "INT");
  }

  public void startPrimary() {
    primary = start(program(
        "postgres",
        "-D",
        data("primary"),
        "-c",
        "config_file=" + dir.resolve("postgresql.conf"),
        "-c",
        "cluster_name=postgres1",
        "-k",
        dir.toString(),
        "-p",
        String.valueOf(primaryPort)));
    awaitAnswer(primary, HOST, primaryPort);
  }

  /** Starts the standby as its container does, and waits until it answers. */
  public void startStandby() {
    standby = startStandby("postgres2", primaryPort, "standby", standbyPort);
  }

  /** Starts a new standby in the place of the primary that is gone: it follows the one that was promoted. */
  public void startNewStandby() {
    primary = startStandby("postgres1", standbyPort, "new", primaryPort);
  }

  private Process startStandby(String name, int from, String data, int port) {
    Process server = startScript(
        "standby.sh",
        Map.of(
            "PRIMARY", HOST,
            "PRIMARY_PORT", String.valueOf(from),
            "STANDBY", name,
            "SETTINGS", dir.resolve("postgresql.conf").toString(),
            "PASSFILE", dir.resolve(name + ".pgpass").toString(),
            "PGDATA", data(data),
            "PGPORT", String.valueOf(port)));
    awaitAnswer(server, HOST, port);
    return server;
  }

  /** Ends the primary as a power cut does. */
  public void killPrimary() {
    kill(primary);
  }

  /** Stops the standby as Docker does. */
  public void stopStandby() {
    stop(standby, "INT");
  }

  public void promoteStandby() {
    run(program("pg_ctl", "promote", "-w", "-D", data("standby")), Map.of());
  }

  /** What the administrator is answered by the primary. */
  public String onPrimary(String sql) {
    return query(dir.toString(), primaryPort, sql).trim();
  }

  /** What the nodes' user is answered by the standby; a statement that is not finished keeps the caller. */
  public String onStandby(String sql) {
    return asSamband(standbyPort, sql);
  }

  /** Begins a statement of the nodes' user on the primary. */
  public Process beginOnPrimary(String sql) {
    return start(psql(HOST, primaryPort, "samband", "samband", sql), environment());
  }

  /** Begins a statement of the nodes' user on the standby. */
  public Process beginOnStandby(String sql) {
    return start(psql(HOST, standbyPort, "samband", "samband", sql), environment());
  }

  /** What the administrator is answered by the standby. */
  public String administratorOnStandby(String sql) {
    return run(
            psql(HOST, standbyPort, "postgres", "samband", sql),
            Map.of("PGPASSWORD", password("postgres")))
        .trim();
  }

  private String asSamband(int port, String sql) {
    return run(psql(HOST, port, "samband", "samband", sql), environment()).trim();
  }

  private Map<String, String> environment() {
    return Map.of("PGPASSWORD", password("samband"));
  }

  private String query(String host, int port, String sql) {
    return run(psql(host, port, "postgres", "postgres", sql), Map.of());
  }

  private static List<String> psql(
      String host, int port, String user, String database, String sql) {
    String to = "host=" + host + " port=" + port + " user=" + user + " dbname=" + database;
    return program("psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", to, "-c", sql);
  }

  private void awaitAnswer(Process server, String host, int port) {
    await().atMost(LIMIT).untilAsserted(() -> {
      if (!server.isAlive()) {
        throw new IllegalStateException("the server has ended:\n" + log());
      }
      run(program("pg_isready", "-h", host, "-p", String.valueOf(port)), Map.of());
    });
  }

  /** All that scripts and servers have said. */
  public String log() {
    try {
      return Files.readString(dir.resolve("log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String data(String name) {
    return dir.resolve(name).toString();
  }

  private void script(String name, Map<String, String> environment) {
    List<String> command = new ArrayList<>(asPostgres());
    command.addAll(List.of("sh", dir.resolve(name).toString()));
    run(command, withPasswords(environment));
  }

  private Process startScript(String name, Map<String, String> environment) {
    List<String> command = new ArrayList<>(asPostgres());
    command.addAll(List.of("sh", dir.resolve(name).toString()));
    return start(command, withPasswords(environment));
  }

  private Map<String, String> withPasswords(Map<String, String> environment) {
    Map<String, String> all = new HashMap<>(environment);
    all.put("PASSWORDS", dir.resolve("passwords").toString());
    return all;
  }

  private Process start(List<String> command) {
    return start(command, Map.of());
  }

  private Process start(List<String> command, Map<String, String> environment) {
    ProcessBuilder builder = builder(command, environment);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(dir.resolve("log").toFile()));
    try {
      Process process = builder.start();
      started.add(process);
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String run(List<String> command, Map<String, String> environment) {
    return Processes.printed(builder(command, environment));
  }

  private static ProcessBuilder builder(List<String> command, Map<String, String> environment) {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(Path.of("/tmp").toFile()).redirectErrorStream(true);
    builder.environment().merge("PATH", bin().toString(), (path, bin) -> bin + ':' + path);
    builder.environment().putAll(environment);
    return builder;
  }

  /** A program of PostgreSQL; the server refuses to run as root. */
  private static List<String> program(String name, String... arguments) {
    List<String> command = new ArrayList<>(asPostgres());
    command.add(bin().resolve(name).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private static List<String> asPostgres() {
    return isRoot()
        ? List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
        : List.of();
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private static Path bin() {
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      return versions
          .max(Comparator.comparingInt(
              each -> Integer.parseInt(each.getFileName().toString())))
          .orElseThrow()
          .resolve("bin");
    } catch (IOException e) {
      throw new IllegalStateException("PostgreSQL is not installed: apt-get install postgresql", e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void stop(Process server, String signal) {
    Processes.signal(signal, server.pid());
    server.onExit().orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
  }

  private static void kill(Process server) {
    if (server.isAlive()) {
      List<ProcessHandle> children = server.descendants().toList();
      server.destroyForcibly();
      children.forEach(ProcessHandle::destroyForcibly);
      server.onExit().join();
      children.forEach(child -> child.onExit().join());
    }
  }

  @Override
  public void close() {
    started.forEach(ComposePostgres::kill);
    Directories.delete(dir);
  }
}
