package io.samband.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** A directory with a {@code package.json}, and the npm that the build uses. Closing it ends what it serves. */
public final class NpmProject implements AutoCloseable {

  private final Path directory;
  private final List<Process> serving = new ArrayList<>();

  public NpmProject(Path directory) {
    this.directory = directory;
  }

  /** A copy of a project, without what was installed into it. */
  public static NpmProject copyOf(Path project, Path directory) {
    Directories.copy(project, directory, path -> !path.toString().contains("node_modules"));
    return new NpmProject(directory);
  }

  public Path directory() {
    return directory;
  }

  /** Runs npm to its end and returns what it printed; fails with that if npm fails. */
  public String npm(String... arguments) {
    Path output = directory.resolveSibling(directory.getFileName() + ".log");
    Process process = start(Map.of(), Redirect.to(output.toFile()), arguments);
    return Processes.printed(String.join(" ", arguments), process, output);
  }

  /** Serves what Vite has built, with calls of {@code /api} passed on to a server. */
  public URI serve(URI server) {
    int port = Ports.free();
    Path output = directory.resolveSibling(directory.getFileName() + "-serve.log");
    serving.add(start(
        Map.of("SAMBAND_SERVER", server.toString()),
        Redirect.to(output.toFile()),
        "exec",
        "--",
        "vite",
        "preview",
        "--strictPort",
        "--host=127.0.0.1",
        "--port=" + port));
    return URI.create("http://127.0.0.1:" + port + "/");
  }

  /** Starts npm and returns at once; what it prints goes to a file. Ended by {@link #close}. */
  public Process background(Path output, String... arguments) {
    Process process = start(Map.of(), Redirect.to(output.toFile()), arguments);
    serving.add(process);
    return process;
  }

  @Override
  public void close() {
    serving.forEach(Processes::stop);
  }

  private Process start(Map<String, String> environment, Redirect output, String... arguments) {
    Properties npm = npm();
    List<String> command = new ArrayList<>(List.of(npm.getProperty("command")));
    command.addAll(List.of(arguments));
    try {
      ProcessBuilder builder = new ProcessBuilder(command)
          .directory(directory.toFile())
          .redirectErrorStream(true)
          .redirectOutput(output);
      builder.environment().put("PATH", npm.getProperty("path"));
      builder.environment().putAll(environment);
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The build writes down which npm it has found or fetched. */
  private static Properties npm() {
    Properties npm = new Properties();
    try (InputStream file = Files.newInputStream(Path.of("target/npm.properties"))) {
      npm.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return npm;
  }
}
