package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A real PostgreSQL on a free port of the loopback address, with data that is thrown away. */
public final class PostgresServer implements AutoCloseable {
  private static final Path INSTALLED = Path.of("/usr/lib/postgresql");

  private final Path work;
  private final int port = Ports.free();
  private final boolean asRoot = "root".equals(System.getProperty("user.name"));

  /** Makes a cluster and starts it. */
  public static PostgresServer start() {
    PostgresServer server = new PostgresServer();
    Runtime.getRuntime().addShutdownHook(new Thread(server::close));
    server.run(
        "initdb",
        "-D",
        server.data(),
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-locale",
        "--no-sync");
    server.run(
        "pg_ctl",
        "-D",
        server.data(),
        "-l",
        server.data() + "/server.log",
        "-w",
        "-t",
        "60",
        "-o",
        "-p " + server.port + " -h 127.0.0.1 -k '' -F",
        "start");
    return server;
  }

  private PostgresServer() {
    try {
      work = Files.createTempDirectory("samband-postgres");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (asRoot) {
      // PostgreSQL refuses to run as root.
      run(List.of("chown", "postgres", work.toString()));
    }
  }

  private String data() {
    return work.resolve("data").toString();
  }

  public int port() {
    return port;
  }

  public String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
  }

  /** A connection that commits by itself. */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(url());
  }

  private void run(String program, String... arguments) {
    List<String> command = new ArrayList<>();
    if (asRoot) {
      command.addAll(List.of("runuser", "-u", "postgres", "--"));
    }
    command.add(bin().resolve(program).toString());
    command.addAll(List.of(arguments));
    run(command);
  }

  private void run(List<String> command) {
    try {
      Path log = work.resolveSibling(work.getFileName() + ".log");
      int exit = new ProcessBuilder(command)
          .directory(Path.of("/").toFile())
          .redirectErrorStream(true)
          .redirectOutput(Redirect.appendTo(log.toFile()))
          .start()
          .waitFor();
      if (exit != 0) {
        throw new IllegalStateException(command + " ended with " + exit + ", see " + log);
      }
      Files.deleteIfExists(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The newest version that is installed. */
  private static Path bin() {
    try (Stream<Path> versions = Files.list(INSTALLED)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .max(Comparator.comparing(Path::toString))
          .orElseThrow();
    } catch (IOException | java.util.NoSuchElementException e) {
      throw new IllegalStateException(
          "these tests need PostgreSQL; on Debian: apt-get install postgresql", e);
    }
  }

  @Override
  public void close() {
    if (Files.exists(work)) {
      try {
        run("pg_ctl", "-D", data(), "-m", "immediate", "-w", "stop");
      } catch (IllegalStateException e) {
        // It was not running.
      }
      run(List.of("rm", "-rf", work.toString()));
    }
  }
}
