package io.samband.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The project of {@code docs/ten-minutes.md}, made of that page's code blocks in an empty directory. Its commands run as they stand there,
 * but for the port. Samband is in its local repository as {@code mvn install} would put it there. Closing it ends its server.
 */
public final class DocumentedProject implements AutoCloseable {
  private static final String BASE = "http://localhost:8080";
  private static final Pattern VERSION =
      Pattern.compile("<artifactId>samband</artifactId>\\s*<version>([^<]+)</version>");

  private final CodeBlocks page = CodeBlocks.of(Path.of("docs/ten-minutes.md"));
  private final int port = Ports.free();
  private final Path work;
  private final Path directory;
  private Process server;

  /** Writes the files of the page. */
  public DocumentedProject(Path work) {
    this.work = work;
    directory = work.resolve("weather");
    try {
      page.writeTo(directory);
      installSamband();
      Path maven = Files.createDirectories(work.resolve("bin")).resolve("mvn");
      Files.writeString(
          maven, "#!/bin/sh\nexec '" + Path.of("mvnw").toAbsolutePath() + "' \"$@\"\n");
      maven.toFile().setExecutable(true);
      Files.createDirectories(work.resolve("tmp"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void installSamband() throws IOException {
    Matcher version = VERSION.matcher(Files.readString(Path.of("pom.xml")));
    if (!version.find()) {
      throw new IllegalStateException("pom.xml has no version");
    }
    Path home = Files.createDirectories(
        repository().resolve("io/samband/samband").resolve(version.group(1)));
    String name = "samband-" + version.group(1);
    Files.copy(
        LiveServer.war().resolveSibling("samband.jar"),
        home.resolve(name + ".jar"),
        StandardCopyOption.REPLACE_EXISTING);
    Files.copy(
        Path.of("pom.xml"), home.resolve(name + ".pom"), StandardCopyOption.REPLACE_EXISTING);
  }

  private Path repository() {
    return work.resolve("repository");
  }

  public URI base() {
    return URI.create("http://127.0.0.1:" + port + "/");
  }

  /** Runs a script to its end and returns what it printed; fails with that if it fails. */
  public String run(String script) {
    return runText(script, page.text(script));
  }

  /** As above, with a part of it replaced. */
  public String run(String script, String part, String other) {
    if (!page.text(script).contains(part)) {
      throw new IllegalStateException(script + " has no " + part);
    }
    return runText(script, page.text(script).replace(part, other));
  }

  private String runText(String name, String text) {
    Path output = work.resolve(name + ".log");
    return Processes.printed(name, shell(text, output), output);
  }

  /** Runs a script whose last line is a server, and returns when that line runs. */
  public void start(String script, String portOptions) {
    start(script, page.text(script).lines().toList(), portOptions);
  }

  /** Stops the server as Ctrl-C does, and starts it again with the WAR as it is now. */
  public void restart(String script, String portOptions) {
    Processes.stop(server);
    start(
        script,
        page.text(script).lines().filter(line -> !line.startsWith("mvn ")).toList(),
        portOptions);
  }

  private void start(String script, List<String> lines, String portOptions) {
    int last = lines.size() - 1;
    runText(script, String.join("\n", lines.subList(0, last)));
    String command = lines.get(last) + " " + portOptions.replace("8080", "" + port);
    server = shell("exec " + command, work.resolve("server.log"));
  }

  private Process shell(String text, Path output) {
    ProcessBuilder builder = new ProcessBuilder(
            "bash", "-ec", text.replace(BASE, base().toString().replaceAll("/$", "")))
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(Redirect.appendTo(output.toFile()));
    String java = System.getProperty("java.home");
    Map<String, String> environment = builder.environment();
    environment.put("JAVA_HOME", java);
    environment.merge(
        "PATH",
        work.resolve("bin") + File.pathSeparator + java + "/bin",
        (path, more) -> more + File.pathSeparator + path);
    // What this build has fetched is not fetched again, and nothing is added to it.
    environment.put(
        "MAVEN_ARGS",
        "-B -ntp -Dmaven.repo.local=" + repository() + " -Dmaven.repo.local.tail=" + fetched());
    environment.put("JAVA_TOOL_OPTIONS", "-Xmx768m -Djava.io.tmpdir=" + work.resolve("tmp"));
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String fetched() {
    return System.getProperty(
        "localRepository", System.getProperty("user.home") + "/.m2/repository");
  }

  /** All that the server has printed. */
  public String log() {
    try {
      return Files.readString(work.resolve("server.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean isRunning() {
    return server.isAlive();
  }

  @Override
  public void close() {
    if (server != null) {
      Processes.stop(server);
    }
  }
}
