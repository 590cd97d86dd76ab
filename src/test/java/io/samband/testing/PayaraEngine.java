package io.samband.testing;

import java.io.File;
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
import java.util.Locale;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Pattern;

/** Payara Micro, told what to deploy through {@link PayaraLauncher}. */
final class PayaraEngine implements Engine {
  /** Of version 6. */
  static final Path JAR = Path.of(
          System.getProperty("samband.it.payara", "target/servers/payara-micro.jar"))
      .toAbsolutePath();

  static final Pattern REFUSED = Pattern.compile(
      "Exception while loading the app|Exception while starting|Failed to deploy|Cannot deploy");

  private final String id;
  private final Path jar;
  private final Path java;
  private int commands;

  private PayaraEngine(String id, Path jar, Path java) {
    this.id = id;
    this.jar = jar;
    this.java = java;
  }

  static PayaraEngine version6() {
    return new PayaraEngine("payara", JAR, ServerKind.java());
  }

  static PayaraEngine version7() {
    return new PayaraEngine(
        "payara7", ServerKind.unpacked("payara7/payara-micro.jar"), ServerKind.java25());
  }

  @Override
  public List<String> command(LiveServer server) {
    commands = 0;
    List<String> command = new ArrayList<>(List.of(java.toString()));
    command.addAll(server.jvmFlags());
    command.addAll(moduleFlags());
    command.add("-cp");
    command.add(jar + File.pathSeparator + launcher(server));
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
    return id;
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
  private List<String> moduleFlags() {
    List<String> flags = new ArrayList<>();
    try (JarFile archive = new JarFile(jar.toFile())) {
      Attributes manifest = archive.getManifest().getMainAttributes();
      for (String name : List.of("Add-Exports", "Add-Opens")) {
        for (String pack : manifest.getValue(name).split(" ", -1)) {
          flags.add("--" + name.toLowerCase(Locale.ROOT) + "=" + pack + "=ALL-UNNAMED");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(jar.toString(), e);
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
