package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Payara Micro as the systemd unit starts it: the same command, with the files where they lie here and another port. */
final class PayaraUnit implements LiveServer.Engine {
  private static final Path CONFIG = Path.of("server-config").toAbsolutePath();
  private static final Path UNIT = CONFIG.resolve("systemd/samband.service");
  private static final Pattern COMMAND = Pattern.compile("(?m)^ExecStart=/usr/bin/java (.*)$");

  @Override
  public List<String> command(LiveServer server) {
    Map<String, String> here = Map.of(
        "/opt/samband/payara-micro.jar", PayaraEngine.JAR.toString(),
        "/opt/samband/samband.war", LiveServer.war().toString(),
        "/opt/samband/pre-boot.asadmin", config("pre-boot.asadmin"),
        "/opt/samband/post-boot.asadmin", config("post-boot.asadmin"),
        "8080", String.valueOf(server.port()));
    List<String> words = words();
    // A path or a port that changed there would otherwise be taken as it is.
    if (!words.containsAll(here.keySet())) {
      throw new IllegalStateException(words + " has not all of " + here.keySet());
    }
    return words.stream().map(word -> here.getOrDefault(word, word)).toList();
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

  /** The command has deployed it. */
  @Override
  public void deploy(LiveServer server, Path war) {}

  @Override
  public void deployBeside(LiveServer server, String name, Path war) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void undeploy(LiveServer server) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean refused(LiveServer server) {
    return PayaraEngine.REFUSED.matcher(server.recentLog()).find();
  }

  @Override
  public String toString() {
    return "payara-unit";
  }
}
