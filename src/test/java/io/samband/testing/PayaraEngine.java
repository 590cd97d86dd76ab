package io.samband.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Pattern;

/** Payara Micro, told what to deploy through {@link PayaraLauncher}. */
final class PayaraEngine implements LiveServer.Engine {
  static final Path JAR = Path.of(
          System.getProperty("samband.it.payara", "target/servers/payara-micro.jar"))
      .toAbsolutePath();
  static final Pattern REFUSED = Pattern.compile(
      "Exception while loading the app|Exception while starting|Failed to deploy|Cannot deploy");

  private int commands;

  @Override
  public List<String> command(LiveServer server) {
    commands = 0;
    List<String> command = new ArrayList<>(List.of(server.java()));
    command.addAll(server.jvmFlags());
    command.addAll(moduleFlags());
    command.add("-cp");
    command.add(JAR + java.io.File.pathSeparator + launcher(server));
    command.add(PayaraLauncher.class.getName());
    command.add(String.valueOf(server.port()));
    if (server.isCompressing()) {
      command.add("--prebootcommandfile");
      command.add(compression(server).toString());
    }
    return command;
  }

  private static Path compression(LiveServer server) {
    try {
      return Files.writeString(
          server.directory("launcher").resolve("compression.asadmin"),
          "set configs.config.server-config.network-config.protocols.protocol.http-listener.http"
              + ".compression=force\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void deploy(LiveServer server, Path war) {
    tell(server, "deploy\t" + war);
  }

  @Override
  public void deployBeside(LiveServer server, String name, Path war) {
    tell(server, "beside\t" + name + "\t" + war);
  }

  @Override
  public void undeploy(LiveServer server) {
    tell(server, "undeploy");
  }

  @Override
  public boolean refused(LiveServer server) {
    return REFUSED.matcher(server.recentLog()).find();
  }

  @Override
  public String toString() {
    return "payara";
  }

  private void tell(LiveServer server, String command) {
    try {
      server.process().getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
      server.process().getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(server.log(), e);
    }
    commands++;
    String done = PayaraLauncher.DONE + commands + "\n";
    server.await(
        Duration.ofMinutes(2), command + " not done", () -> server.recentLog().contains(done));
  }

  /** What {@code java -jar} would read from the manifest. */
  private static List<String> moduleFlags() {
    List<String> flags = new ArrayList<>();
    try (JarFile jar = new JarFile(JAR.toFile())) {
      Attributes manifest = jar.getManifest().getMainAttributes();
      for (String name : List.of("Add-Exports", "Add-Opens")) {
        for (String pack : manifest.getValue(name).split(" ", -1)) {
          flags.add("--" + name.toLowerCase(java.util.Locale.ROOT) + "=" + pack + "=ALL-UNNAMED");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(JAR.toString(), e);
    }
    return flags;
  }

  /** A directory with the launcher's class and nothing else, so that no test class gets into the server. */
  private static Path launcher(LiveServer server) {
    String file = PayaraLauncher.class.getName().replace('.', '/') + ".class";
    Path copy = server.directory("launcher").resolve(file);
    try (InputStream original = PayaraLauncher.class.getClassLoader().getResourceAsStream(file)) {
      Files.createDirectories(copy.getParent());
      Files.copy(original, copy, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return server.directory("launcher");
  }
}
