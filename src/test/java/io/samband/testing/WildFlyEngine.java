package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** WildFly with a base directory of its own; its scanner deploys what is put there, and tells by marker files how that went. */
final class WildFlyEngine implements Engine {
  private static final Path HOME = Path.of(
          System.getProperty("samband.it.wildfly", "target/servers/wildfly-39.0.1.Final"))
      .toAbsolutePath();
  private static final Pattern MODULE_FLAG =
      Pattern.compile("--add-(?:exports|opens|modules)=[\\w./]+(?:=ALL-UNNAMED)?");
  private static final Duration SCAN = Duration.ofSeconds(60);

  private final boolean asConfigured;
  private String ours = "samband.war";
  private int managementPort;
  private boolean placedBeforeStart;

  /** Bare, or set up by the script of {@code server-config}. */
  WildFlyEngine(boolean asConfigured) {
    this.asConfigured = asConfigured;
  }

  @Override
  public List<String> command(LiveServer server) {
    if (managementPort == 0) {
      managementPort = Ports.free();
      Directories.copy(
          HOME.resolve("standalone/configuration"), server.directory("standalone/configuration"));
      if (asConfigured) {
        runScript(server);
        copyWar(server);
      } else {
        hasten(server);
      }
      if (server.isCompressing()) {
        compress(server);
      }
      if (server.isPiped()) {
        printThroughQueue(server);
      }
      if (server.isTrustingApplications()) {
        trustApplications(server);
      }
    }
    List<String> command = new ArrayList<>();
    if (asConfigured) {
      placedBeforeStart = true;
      // As the unit samband-wildfly.service does it.
      command.add(Path.of("server-config/run-guarded").toAbsolutePath().toString());
      command.add(server.base().resolve("api/health/live").toString());
    }
    command.add(ServerKind.java().toString());
    command.addAll(server.jvmFlags());
    command.addAll(moduleFlags());
    command.add("-Djava.net.preferIPv4Stack=true");
    command.add("-Djboss.modules.system.pkgs=org.jboss.byteman");
    command.add("-Djava.awt.headless=true");
    command.add("-Djboss.home.dir=" + HOME);
    command.add("-Djboss.server.base.dir=" + server.directory("standalone"));
    command.add("-Djboss.http.port=" + server.port());
    command.add("-Djboss.https.port=" + server.httpsPort());
    command.add("-Djboss.management.http.port=" + managementPort);
    command.addAll(List.of("-jar", HOME.resolve("jboss-modules.jar").toString()));
    command.addAll(List.of("-mp", HOME.resolve("modules").toString(), "org.jboss.as.standalone"));
    return command;
  }

  /** The server finds it there when it starts, and deploys it before it opens its ports. */
  private void copyWar(LiveServer server) {
    try {
      Files.copy(server.firstWar(), file(server, ours, ""), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void deploy(LiveServer server, Path war) {
    if (placedBeforeStart) {
      placedBeforeStart = false;
      return;
    }
    // The name of the file tells what it is.
    ours = war.toString().endsWith(".ear") ? "samband.ear" : "samband.war";
    put(server, ours, war);
  }

  @Override
  public void deployBeside(LiveServer server, String name, Path war) {
    put(server, name + ".war", war);
  }

  /**
   * The scanner deploys whatever complete archive it finds without a marker. So the archive comes last, and in one step: a
   * marker that is changed beside it makes the scanner deploy twice when it looks in between.
   */
  private static void put(LiveServer server, String name, Path war) {
    try {
      Path copy = Files.copy(
          war, server.work().resolve(name + ".new"), StandardCopyOption.REPLACE_EXISTING);
      for (String file : List.of("", ".deployed", ".undeployed", ".failed")) {
        Files.deleteIfExists(file(server, name, file));
      }
      Files.move(copy, file(server, name, ""), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.await(
        Duration.ofMinutes(2), "not deployed", () -> Files.exists(file(server, name, ".deployed")));
  }

  /**
   * By the marker, as an operator does it. If the marker vanishes while the scanner compares its date, the scanner takes the
   * application for changed and deploys it again, with a new marker; so that is removed, too.
   */
  @Override
  public void undeploy(LiveServer server) {
    server.await(SCAN, "not undeployed", () -> {
      deleteIfExists(file(server, ours, ".deployed"));
      return Files.exists(file(server, ours, ".undeployed"));
    });
  }

  private static void deleteIfExists(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  /** As an operator does, with the server down; its output goes to the log of the server. */
  private static void runScript(LiveServer server) {
    Path script = Path.of("server-config/wildfly/samband.cli").toAbsolutePath();
    ProcessBuilder cli =
        new ProcessBuilder(HOME.resolve("bin/jboss-cli.sh").toString(), "--file=" + script);
    cli.environment().put("JAVA_HOME", System.getProperty("java.home"));
    cli.environment().put("JAVA_OPTS", "-Djboss.server.base.dir=" + server.directory("standalone"));
    try {
      Files.writeString(
          server.logFile(),
          Processes.printed(cli),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void compress(LiveServer server) {
    edit(
        server,
        text -> text.replace(
                "<location name=\"/\" handler=\"welcome-content\"/>",
                "<location name=\"/\" handler=\"welcome-content\"/><filter-ref name=\"zip\"/>")
            .replace(
                "</handlers>\n            <application-security-domains>",
                "</handlers><filters><gzip name=\"zip\"/></filters><application-security-domains>"));
  }

  /** As in samband.cli: a thread that moves bytes never waits for whoever reads the standard output. */
  private static void printThroughQueue(LiveServer server) {
    edit(
        server,
        text -> text.replace(
                "<console-handler name=\"CONSOLE\">",
                "<async-handler name=\"ASYNC\"><queue-length value=\"50000\"/>"
                    + "<overflow-action value=\"discard\"/>"
                    + "<subhandlers><handler name=\"CONSOLE\"/></subhandlers></async-handler>"
                    + "<console-handler name=\"CONSOLE\">")
            .replaceFirst(
                "(<root-logger>\\s+<level name=\"INFO\"/>\\s+<handlers>\\s+<handler name=\")CONSOLE",
                "$1ASYNC"));
  }

  /** As docs/security.md says for a login by the container. */
  private static void trustApplications(LiveServer server) {
    String domain =
        "<application-security-domain name=\"other\" security-domain=\"ApplicationDomain\"";
    edit(server, text -> {
      // That of the subsystem undertow; the one of ejb3, which is called the same, comes before it.
      int end = text.lastIndexOf(domain) + domain.length();
      return text.substring(0, end) + " integrated-jaspi=\"false\"" + text.substring(end);
    });
  }

  private static void hasten(LiveServer server) {
    edit(
        server,
        text -> text
            // The scanner looks every 5 s; tests that redeploy would mostly wait for it.
            .replace("scan-interval=\"5000\"", "scan-interval=\"250\"")
            // As in samband.cli: no thread stays for good, and with it the application that it
            // first served.
            .replace(
                "<worker name=\"default\"/>",
                "<worker name=\"default\" task-core-threads=\"0\"/>"));
  }

  private static void edit(LiveServer server, UnaryOperator<String> change) {
    Directories.edit(
        server.directory("standalone/configuration").resolve("standalone.xml"), change);
  }
}
