package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Open Liberty with the files of {@code server-config} and a user directory of its own. It deploys what is put into
 * {@code apps}, and takes off what is removed from there.
 */
final class LibertyEngine implements Engine {
  private static final Path HOME = ServerKind.unpacked("wlp");
  private static final Path CONFIG = Path.of("server-config/open-liberty").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** {@code CWWKZ0001I} and {@code CWWKZ0003I}: started, and started again because the file has changed. */
  private static final String STARTED = "CWWKZ000[13]I: .*\\b%s\\b";

  private static final Pattern STOPPED = Pattern.compile("CWWKZ0009I: .*\\bsamband\\b");
  private static final Pattern REFUSED =
      Pattern.compile("CWWKZ000[24]E|CWWKZ0013E|CWWKZ0106E|CWWKZ0124E");

  private boolean isDeployed;
  private int logMark;

  @Override
  public List<String> command(LiveServer server) {
    Path home = directory(server, "");
    try {
      Files.copy(
          CONFIG.resolve("server.xml"),
          home.resolve("server.xml"),
          StandardCopyOption.REPLACE_EXISTING);
      List<String> options = new ArrayList<>(Files.readAllLines(CONFIG.resolve("jvm.options")));
      options.addAll(server.jvmFlags());
      Files.write(home.resolve("jvm.options"), options);
      Files.write(
          home.resolve("bootstrap.properties"),
          List.of(
              "http.port=" + server.port(),
              "https.port=" + server.httpsPort(),
              // The lines that messages.log has anyway.
              "com.ibm.ws.logging.console.log.level=INFO"));
      Path driver = Path.of(org.h2.Driver.class
          .getProtectionDomain()
          .getCodeSource()
          .getLocation()
          .getPath());
      Files.copy(
          driver, directory(server, "jdbc").resolve("h2.jar"), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    logMark = server.log().length();
    return List.of(
        "env",
        "JAVA_HOME=" + ServerKind.java().getParent().getParent(),
        "WLP_USER_DIR=" + server.directory("wlp"),
        HOME.resolve("bin/server").toString(),
        "run",
        "samband");
  }

  @Override
  public void deploy(LiveServer server, Path war) {
    boolean isRestarted = isDeployed && Files.exists(app(server));
    if (!isRestarted) {
      logMark = server.log().length();
    }
    isDeployed = true;
    put(war, app(server));
    awaitLine(server, Pattern.compile(STARTED.formatted("samband")));
  }

  @Override
  public void deployBeside(LiveServer server, String name, Path war) {
    logMark = server.log().length();
    put(war, directory(server, "dropins").resolve(name + ".war"));
    awaitLine(server, Pattern.compile(STARTED.formatted(name)));
  }

  @Override
  public void undeploy(LiveServer server) {
    logMark = server.log().length();
    try {
      Files.delete(app(server));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    awaitLine(server, STOPPED);
    isDeployed = false;
  }

  @Override
  public boolean refused(LiveServer server) {
    return REFUSED.matcher(server.log().substring(logMark)).find();
  }

  @Override
  public String toString() {
    return "openliberty";
  }

  /** In one step: the server looks for changes every half second. */
  private static void put(Path war, Path place) {
    try {
      if (Files.exists(place) && Files.mismatch(war, place) < 0) {
        return;
      }
      Path copy =
          Files.copy(war, place.resolveSibling("../new.war"), StandardCopyOption.REPLACE_EXISTING);
      Files.move(copy, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitLine(LiveServer server, Pattern line) {
    server.await(
        PATIENCE,
        "no " + line,
        () -> line.matcher(server.log().substring(logMark)).find());
  }

  private static Path app(LiveServer server) {
    return directory(server, "apps").resolve("samband.war");
  }

  private static Path directory(LiveServer server, String name) {
    return server.directory("wlp/servers/samband/" + name);
  }
}
