package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** WildFly with a base directory of its own, told what to deploy by the marker files of its scanner. */
final class WildFlyEngine implements LiveServer.Engine {
  private static final Path HOME = Path.of(
          System.getProperty("samband.it.wildfly", "target/servers/wildfly-39.0.1.Final"))
      .toAbsolutePath();
  private static final Pattern MODULE_FLAG =
      Pattern.compile("--add-(?:exports|opens|modules)=[\\w./]+(?:=ALL-UNNAMED)?");
  private static final Duration SCAN = Duration.ofSeconds(60);

  private String ours = "samband.war";
  private int managementPort;
  private int httpsPort;

  @Override
  public List<String> command(LiveServer server) {
    if (managementPort == 0) {
      managementPort = Ports.free();
      httpsPort = Ports.free();
      configure(server);
    }
    List<String> command = new ArrayList<>(moduleFlags());
    command.add("-Djava.net.preferIPv4Stack=true");
    command.add("-Djboss.modules.system.pkgs=org.jboss.byteman");
    command.add("-Djava.awt.headless=true");
    command.add("-Djboss.home.dir=" + HOME);
    command.add("-Djboss.server.base.dir=" + server.directory("standalone"));
    command.add("-Djboss.http.port=" + server.port());
    command.add("-Djboss.https.port=" + httpsPort);
    command.add("-Djboss.management.http.port=" + managementPort);
    command.addAll(List.of("-jar", HOME.resolve("jboss-modules.jar").toString()));
    command.addAll(List.of("-mp", HOME.resolve("modules").toString(), "org.jboss.as.standalone"));
    return command;
  }

  @Override
  public void deploy(LiveServer server, Path war) {
    // The name of the file tells what it is.
    ours = war.toString().endsWith(".ear") ? "samband.ear" : "samband.war";
    put(server, ours, war);
  }

  @Override
  public void deployBeside(LiveServer server, String name, Path war) {
    put(server, name + ".war", war);
  }

  private static void put(LiveServer server, String name, Path war) {
    try {
      Files.copy(war, file(server, name, ""), StandardCopyOption.REPLACE_EXISTING);
      for (String marker : List.of(".deployed", ".undeployed", ".failed", ".isdeploying")) {
        Files.deleteIfExists(file(server, name, marker));
      }
      Files.writeString(file(server, name, ".dodeploy"), "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.await(
        Duration.ofMinutes(2), "not deployed", () -> Files.exists(file(server, name, ".deployed")));
  }

  @Override
  public void undeploy(LiveServer server) {
    try {
      Files.delete(file(server, ours, ".deployed"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.await(SCAN, "not undeployed", () -> Files.exists(file(server, ours, ".undeployed")));
  }

  @Override
  public boolean refused(LiveServer server) {
    return Files.exists(file(server, ours, ".failed"));
  }

  @Override
  public String toString() {
    return "wildfly";
  }

  private static Path file(LiveServer server, String name, String marker) {
    return server.directory("standalone/deployments").resolve(name + marker);
  }

  /** What standalone.sh hands to the JVM, read where it reads it. */
  private static List<String> moduleFlags() {
    try {
      List<String> flags = new ArrayList<>();
      Matcher flag = MODULE_FLAG.matcher(Files.readString(HOME.resolve("bin/common.sh")));
      while (flag.find()) {
        flags.add(flag.group());
      }
      return flags;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void configure(LiveServer server) {
    Path from = HOME.resolve("standalone/configuration");
    Path to = server.directory("standalone/configuration");
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
      Path config = to.resolve("standalone.xml");
      // The scanner looks every 5 s; tests that redeploy would mostly wait for it.
      Files.writeString(
          config,
          Files.readString(config).replace("scan-interval=\"5000\"", "scan-interval=\"250\""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
