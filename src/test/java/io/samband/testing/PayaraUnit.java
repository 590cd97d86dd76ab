package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Payara Micro as the systemd unit starts it: the same command, {@code run-guarded} included, with the files where they lie here and
 * another port.
 */
final class PayaraUnit implements Engine {
  private static final Path CONFIG = Path.of("server-config").toAbsolutePath();
  private static final Path UNIT = CONFIG.resolve("systemd/samband.service");
  private static final Pattern COMMAND =
      Pattern.compile("(?m)^ExecStart=(/opt/samband/run-guarded .*)$");
  private static final String LIVE = "http://127.0.0.1:8080/api/health/live";

  @Override
  public List<String> command(LiveServer server) {
    Map<String, String> here = Map.of(
        "/opt/samband/run-guarded",
        CONFIG.resolve("run-guarded").toString(),
        LIVE,
        server.base().resolve("api/health/live").toString(),
        "-Djava.io.tmpdir=/var/cache/samband",
        "-Djava.io.tmpdir=" + server.directory("tmp"),
        "/opt/samband/payara-micro.jar",
        PayaraEngine.JAR.toString(),
        "/opt/samband/samband.war",
        server.firstWar().toString(),
        "/opt/samband/pre-boot.asadmin",
        config("pre-boot.asadmin"),
        "/opt/samband/post-boot.asadmin",
        config("post-boot.asadmin"),
        "/opt/samband/post-deploy.asadmin",
        config("post-deploy.asadmin"),
        "8080",
        String.valueOf(server.port()));
    List<String> words = words();
    // A path or a port that changed there would otherwise be taken as it is.
    if (!words.containsAll(here.keySet())) {
      throw new IllegalStateException(words + " has not all of " + here.keySet());
    }
    List<String> command = new ArrayList<>();
    for (String word : words) {
      command.add(here.getOrDefault(word, word));
      if (word.equals("/usr/bin/java")) {
        command.set(command.size() - 1, ServerKind.java().toString());
        command.addAll(server.jvmFlags());
      }
    }
    return command;
  }

  private static List<String> words() {
    try {
      String unit = Files.readString(UNIT).replace("\\\n", " ");
      Matcher command = COMMAND.matcher(unit);
      if (!command.find()) {
        throw new IllegalStateException(UNIT + " has no " + COMMAND);
      }
      return List.of(command.group(1).split(" +", -1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String config(String name) {
    return CONFIG.resolve("payara-micro").resolve(name).toString();
  }

  /** The command deploys it. */
  @Override
  public void deploy(LiveServer server, Path war) {}

  /** {@code run-guarded} ends the server, which the caller sees: the log alone ends no wait. */
  @Override
  public boolean refused(LiveServer server) {
    return false;
  }

  @Override
  public void deployBeside(LiveServer server, String name, Path war) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void undeploy(LiveServer server) {
    throw new UnsupportedOperationException();
  }

  @Override
  public String toString() {
    return "payara-unit";
  }
}
