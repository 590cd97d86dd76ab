package io.samband.bench;

import io.samband.settings.Setting;
import io.samband.testing.LiveServer;
import io.samband.testing.PostgresServer;
import io.samband.testing.RedisServer;
import io.samband.testing.SecuredServer;
import io.samband.testing.ServerKind;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Starts what is measured, each in a process of its own with the same heap. */
final class Targets {
  private static final String HEAP = "768m";
  private static final long START_MILLIS = 10_000;

  /** As in server-config. */
  private static final Map<String, String> PAYARA_OPTIONS =
      Map.of("org.glassfish.grizzly.http.io.OutputBuffer.default-buffer-size", "512");

  /** An application that knows no modes would refuse the setting. */
  private static final String NO_MODE = "";

  /** Read once: the property names the stock one after that was started. */
  private static final Path REAL_WAR = LiveServer.war();

  private final Options options;

  Targets(Options options) {
    this.options = options;
  }

  Target start(String name, String server) throws IOException, InterruptedException {
    return switch (name) {
      case "samband" -> server(name, server, REAL_WAR, "open");
      case "identities" -> withIdentities(name, server);
      case "postgresql" -> {
        PostgresServer database = PostgresServer.start();
        yield server(name, server, REAL_WAR, "open", PostgresServer.settings(database.port()));
      }
      case "redis" -> {
        String url = RedisServer.start().url();
        yield server(
            name,
            server,
            REAL_WAR,
            "open",
            Map.of("samband.log.engine", "redis", "samband.redis.url", url));
      }
      case "earlier" -> server(name, server, options.earlier(), NO_MODE);
      case "stock" -> server(name, server, StockWar.in(options.work()), NO_MODE);
      case "reference" ->
        process(
            name,
            List.of(
                java("java"),
                "-Xmx" + HEAP,
                CpuTime.JVM_FLAG,
                "-cp",
                classes(),
                Reference.class.getName()));
      case "cref" -> process(name, List.of(options.cref().toString()));
      default -> throw new IllegalArgumentException("no such target: " + name);
    };
  }

  /** Samband in the mode {@code required}: every stream is of another user, with attributes of its own. */
  private static Target withIdentities(String name, String server) {
    use(server, REAL_WAR);
    Map<String, String> settings = new HashMap<>(payaraOptions());
    settings.put(Setting.KEEPALIVE_MILLIS.key(), Setting.KEEPALIVE_MILLIS.defaultValue());
    SecuredServer secured =
        new SecuredServer(settings, Map.of("JDK_JAVA_OPTIONS", CpuTime.JVM_FLAG));
    LiveServer live = secured.server();
    String publisher = "Authorization: " + secured.publisher() + "\r\n";
    return new Target(
        name,
        live.base().getPort(),
        "/api/sse",
        "/api/sse/events",
        live.pid(),
        true,
        number -> number == Target.PUBLISHER ? publisher : authorization(secured, number),
        secured::close);
  }

  private static String authorization(SecuredServer secured, int number) {
    Map<String, Object> claims = secured.mint().claims(Instant.now());
    claims.put("sub", "user-" + number);
    claims.put("groups", List.of("dispatcher"));
    claims.put("stations", List.of("S" + number % 500, "T" + number));
    claims.put("exp", Instant.now().plusSeconds(3_600).getEpochSecond());
    return "Authorization: Bearer " + secured.mint().token(claims) + "\r\n";
  }

  private static Target server(String name, String server, Path war, String mode) {
    return server(name, server, war, mode, Map.of());
  }

  private static Target server(
      String name, String server, Path war, String mode, Map<String, String> engine) {
    use(server, war);
    Map<String, String> settings = new HashMap<>(payaraOptions());
    settings.putAll(engine);
    LiveServer live = LiveServer.start(
        settings, Map.of("JDK_JAVA_OPTIONS", CpuTime.JVM_FLAG, "SAMBAND_AUTH_MODE", mode));
    return new Target(
        name,
        live.base().getPort(),
        "/api/sse",
        "/api/sse/events",
        live.pid(),
        !name.equals("stock"),
        Target.NO_HEADERS,
        live::close);
  }

  private static void use(String server, Path war) {
    System.setProperty("samband.it.server", server);
    System.setProperty("samband.it.war", war.toString());
    System.setProperty("samband.it.heap", HEAP);
  }

  private static Map<String, String> payaraOptions() {
    return ServerKind.PAYARA_MICRO.isCurrent() ? PAYARA_OPTIONS : Map.of();
  }

  /** A program whose last argument is its port. */
  private Target process(String name, List<String> program)
      throws IOException, InterruptedException {
    int port = freePort();
    List<String> command = new ArrayList<>(program);
    command.add(String.valueOf(port));
    Process process = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(Redirect.to(options.work().resolve(name + ".log").toFile()))
        .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    awaitListening(port);
    return new Target(
        name,
        port,
        "/events",
        "/pub",
        process.pid(),
        false,
        Target.NO_HEADERS,
        process::destroyForcibly);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void awaitListening(int port) throws IOException, InterruptedException {
    long deadline = System.currentTimeMillis() + START_MILLIS;
    while (true) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return;
      } catch (IOException notYet) {
        if (System.currentTimeMillis() > deadline) {
          throw notYet;
        }
        Thread.sleep(50);
      }
    }
  }

  private static String java(String program) {
    return Path.of(System.getProperty("java.home"), "bin", program).toString();
  }

  /** Where this class lies: all that the reference needs. */
  private static String classes() {
    return Path.of(URI.create(
            Targets.class.getProtectionDomain().getCodeSource().getLocation().toString()))
        .toString();
  }
}
