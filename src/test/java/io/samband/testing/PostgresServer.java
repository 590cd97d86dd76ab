package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.postgresql.Driver;

/**
 * A real PostgreSQL server on a free port of this machine, with data to throw away, that can be killed, frozen and copied.
 * The log's user is an ordinary one that may make schemas.
 *
 * <p>Not thread-safe, but for {@link #shared}, {@link #url} and {@link #connect}.
 */
public final class PostgresServer implements AutoCloseable {
  /** The user and the database of the log. */
  public static final String USER = "samband";

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static PostgresServer shared;
  private static Path template;

  private final Path dir;
  private final int port;
  private Map<String, String> environment = Map.of();
  private Process process;

  private PostgresServer(Path dir) {
    this.dir = dir;
    this.port = Ports.free();
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
  }

  /** One server for all tests of this JVM that need nothing but a schema of their own. */
  public static synchronized PostgresServer shared() {
    if (shared == null) {
      shared = start();
    }
    return shared;
  }

  /** A server of its own. Close it. */
  public static PostgresServer start() {
    PostgresServer server = new PostgresServer(copyOf(template()));
    server.launch();
    return server;
  }

  /** A server of its own, whose data is on this disk. Close it. */
  public static PostgresServer start(FullDisk disk) {
    PostgresServer server = new PostgresServer(copyOf(template()));
    server.environment = disk.environment(Path.of(data(server.dir)));
    server.launch();
    return server;
  }

  /** As above, with these environment variables. */
  public static PostgresServer start(Map<String, String> environment) {
    PostgresServer server = new PostgresServer(copyOf(template()));
    server.environment = environment;
    server.launch();
    return server;
  }

  /** Makes a cluster once in this JVM, and copies it, which is much faster. */
  private static synchronized Path template() {
    if (template == null) {
      Path made = newDirectory();
      run(
          "initdb",
          "-D",
          data(made),
          "-A",
          "trust",
          "-U",
          "postgres",
          "-E",
          "UTF8",
          "--locale=C",
          "--no-sync");
      PostgresServer server = new PostgresServer(made);
      server.launch();
      server.execute("postgres", "CREATE ROLE " + USER + " LOGIN");
      server.execute("postgres", "CREATE DATABASE " + USER + " OWNER " + USER);
      server.stop();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> Directories.delete(made)));
      template = made;
    }
    return template;
  }

  private static Path copyOf(Path original) {
    Path copy = newDirectory();
    command("cp", "-a", data(original), copy.toString());
    return copy;
  }

  private static Path newDirectory() {
    try {
      // Not below the home directory of a user that the server's user is not.
      Path made = Files.createTempDirectory(Path.of("/tmp"), "samband-postgres-");
      if (isRoot()) {
        command("chown", "postgres:", made.toString());
      }
      return made;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String data(Path dir) {
    return dir.resolve("data").toString();
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  /** A program of the newest version that is installed. The server refuses to run as root. */
  private static List<String> program(String name, String... arguments) {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
    }
    command.add(bin().resolve(name).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private static Path bin() {
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      return versions
          .max(Comparator.comparingInt(
              version -> Integer.parseInt(version.getFileName().toString())))
          .orElseThrow()
          .resolve("bin");
    } catch (IOException e) {
      throw new IllegalStateException("PostgreSQL is not installed: apt-get install postgresql", e);
    }
  }

  private static void run(String name, String... arguments) {
    command(program(name, arguments).toArray(String[]::new));
  }

  private static void command(String... command) {
    Processes.printed(new ProcessBuilder(command).directory(Path.of("/tmp").toFile()));
  }

  private void launch() {
    List<String> command = program(
        "postgres",
        "-D",
        data(dir),
        "-p",
        String.valueOf(port),
        "-k",
        dir.toString(),
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        "shared_buffers=16MB",
        "-c",
        "max_connections=60");
    try {
      ProcessBuilder builder = new ProcessBuilder(command)
          .directory(Path.of("/tmp").toFile())
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()));
      builder.environment().putAll(environment);
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    awaitAnswer();
  }

  private Path logFile() {
    return dir.resolve("server.log");
  }

  private void awaitAnswer() {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      try (Connection connection = connectTo("postgres")) {
        if (connection.isValid(5)) {
          return;
        }
      } catch (SQLException e) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          throw new IllegalStateException("PostgreSQL does not start: " + log(), e);
        }
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** All that it has logged. */
  public String log() {
    try {
      return Files.exists(logFile()) ? Files.readString(logFile()) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return port;
  }

  /** For the log's settings. */
  public String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + USER;
  }

  /** What a node needs to find a server at a port of this machine, and the log on it. */
  public static Map<String, String> settings(int port) {
    return Map.of(
        "samband.log.engine",
        "postgresql",
        "samband.postgresql.url",
        "jdbc:postgresql://127.0.0.1:" + port + "/" + USER,
        "samband.postgresql.user",
        USER);
  }

  /** A connection of the administrator. */
  public Connection connect() throws SQLException {
    return connectTo(USER);
  }

  private Connection connectTo(String database) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "postgres");
    return new Driver().connect("jdbc:postgresql://127.0.0.1:" + port + "/" + database, properties);
  }

  /** Runs a statement as the administrator, in the log's database. */
  public void execute(String sql) {
    execute(USER, sql);
  }

  private void execute(String database, String sql) {
    try (Connection connection = connectTo(database);
        var statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** The first column of the first row, as text. */
  public String query(String sql) {
    try (Connection connection = connect();
        var statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** Stops it as an operator does who does not wait for clients, and waits until it is gone. */
  public void stop() {
    signal("INT", List.of(process.toHandle()));
    awaitExit();
  }

  /** Starts it after {@link #stop} or {@link #kill9}. */
  public void startAgain() {
    launch();
  }

  public void restart() {
    stop();
    launch();
  }

  /** Copies its data while it stands still, as a snapshot of the disk does. */
  public void backUp() {
    freeze();
    Directories.delete(backup());
    command("cp", "-a", data(dir), backup().toString());
    thaw();
  }

  /** Puts back what {@link #backUp} has copied, as after a disaster. */
  public void restoreBackUp() {
    kill9();
    Directories.delete(Path.of(data(dir)));
    command("cp", "-a", backup().toString(), data(dir));
    Directories.delete(Path.of(data(dir), "postmaster.pid"));
    launch();
  }

  private Path backup() {
    return dir.resolve("backup");
  }

  /** Kills all of its processes as a crash of the machine does. */
  public void kill9() {
    List<ProcessHandle> all = processes();
    signal("KILL", all);
    awaitExit();
    all.forEach(PostgresServer::awaitGone);
  }

  /** Nobody may be there to collect a process whose parent was killed, too: then it stays in the table, dead. */
  private static void awaitGone(ProcessHandle process) {
    Path stat = Path.of("/proc/" + process.pid() + "/stat");
    while (process.isAlive()) {
      try {
        String text = Files.readString(stat);
        if (text.startsWith("Z", text.lastIndexOf(')') + 2)) {
          return;
        }
      } catch (IOException e) {
        return;
      }
      pause();
    }
  }

  /** From now on it answers nothing, and does nothing. */
  public void freeze() {
    // The one that makes the others first, so that none is made meanwhile.
    signal("STOP", List.of(process.toHandle()));
    signal("STOP", process.descendants().toList());
  }

  /** It goes on where it was. */
  public void thaw() {
    signal("CONT", processes());
  }

  /** Freezes what receives the changes of the primary: nothing is acknowledged by this standby. */
  public void freezeReceiver() {
    signal("STOP", receiver());
  }

  public void thawReceiver() {
    signal("CONT", receiver());
  }

  private List<ProcessHandle> receiver() {
    String pid = query("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walreceiver'");
    return List.of(ProcessHandle.of(Long.parseLong(pid)).orElseThrow());
  }

  private List<ProcessHandle> processes() {
    List<ProcessHandle> all = new ArrayList<>();
    // The one that makes the others first.
    all.add(process.toHandle());
    process.descendants().forEach(all::add);
    return all;
  }

  private static void signal(String signal, List<ProcessHandle> processes) {
    for (ProcessHandle each : processes) {
      if (each.isAlive()) {
        try {
          new ProcessBuilder("kill", "-" + signal, String.valueOf(each.pid()))
              .start()
              .waitFor();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException(e);
        }
      }
    }
  }

  /** Waits until it has ended. */
  public void awaitExit() {
    try {
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("PostgreSQL does not stop: " + log());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Makes a standby, and has this server wait for it before it acknowledges. Close it first. */
  public PostgresServer addSynchronousStandby() {
    PostgresServer standby = new PostgresServer(newDirectory());
    run(
        "pg_basebackup",
        "-R",
        "-D",
        data(standby.dir),
        "-d",
        "host=127.0.0.1 port=" + port + " user=postgres application_name=standby",
        "-c",
        "fast");
    standby.launch();
    setting("synchronous_standby_names", "standby");
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!"sync".equals(query("SELECT max(sync_state) FROM pg_stat_replication"))) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("the standby does not follow: " + standby.log());
      }
      pause();
    }
    return standby;
  }

  /** Changes a setting of the running server. */
  public void setting(String name, String value) {
    execute("ALTER SYSTEM SET " + name + " = '" + value + '\'');
    execute("SELECT pg_reload_conf()");
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!value.equals(query("SHOW " + name))) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(name + " is not " + value);
      }
      pause();
    }
  }

  /** From now on the log's user has to give a password. */
  public void demandPasswords() {
    try {
      Path file = Path.of(data(dir), "pg_hba.conf");
      Files.writeString(file, "host all " + USER + " all scram-sha-256\n" + Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    execute("SELECT pg_reload_conf()");
  }

  /** Makes the primary of a standby. */
  public void promote() {
    execute("SELECT pg_promote()");
  }

  @Override
  public void close() {
    if (process != null && process.isAlive()) {
      thaw();
      kill9();
    }
    Directories.delete(dir);
  }
}
