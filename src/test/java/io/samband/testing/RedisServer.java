package io.samband.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A Redis server of this machine on a free port of the loopback interface, with a directory of its own that is removed at the
 * end. Configured as {@code server-config/redis} says, unless a test says otherwise.
 */
public final class RedisServer implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(30);
  private static final Path CONFIGURATION = Path.of("server-config/redis/redis.conf");
  private static final Path SENTINEL = Path.of("server-config/redis/sentinel.conf");
  private static final String PROGRAM = "/usr/bin/redis-server";

  private final int port = Ports.free();
  private final int tlsPort;
  private final Path dir;
  private final Path config;
  private final boolean sentinel;
  private final List<String> options;
  private final Function<Path, Map<String, String>> environment;
  private Process process;

  /** A primary. {@code options} are lines of its configuration, which win over those of {@code server-config}. */
  public static RedisServer start(String... options) {
    return new RedisServer(CONFIGURATION, 0, List.of(options));
  }

  /** A primary whose data is on this disk. */
  public static RedisServer start(FullDisk disk) {
    return new RedisServer(CONFIGURATION, 0, List.of(), disk::environment);
  }

  /**
   * A primary that takes only encrypted connections, on two addresses: its certificate, that of {@link LoopbackCertificate}, is
   * good for 127.0.0.1 and not for 127.0.0.2.
   */
  public static RedisServer overTls() {
    int tlsPort = Ports.free();
    Path pem = LoopbackCertificate.store().resolveSibling("redis.pem");
    try {
      Files.writeString(pem, LoopbackCertificate.pem());
      pem.toFile().deleteOnExit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new RedisServer(
        CONFIGURATION,
        tlsPort,
        List.of(
            "bind 127.0.0.1 127.0.0.2",
            "tls-port " + tlsPort,
            "tls-cert-file " + pem,
            "tls-key-file " + pem,
            "tls-auth-clients no"));
  }

  /** A replica of a primary, which has caught up with it. */
  public static RedisServer replicaOf(RedisServer primary, String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("replicaof 127.0.0.1 " + primary.port);
    var replica = new RedisServer(CONFIGURATION, 0, all);
    replica.awaitInSync(primary);
    return replica;
  }

  /** A Sentinel that may decide alone, and knows the primary as {@code samband}. */
  public static RedisServer sentinelOf(RedisServer primary) {
    var sentinel = new RedisServer(
        SENTINEL,
        0,
        List.of(
            "sentinel monitor samband 127.0.0.1 " + primary.port + " 1",
            "sentinel down-after-milliseconds samband 500",
            "sentinel failover-timeout samband 5000"));
    await().atMost(START).until(() -> sentinel.knowsReplica());
    return sentinel;
  }

  /** A primary with these environment variables. */
  public static RedisServer start(Map<String, String> environment) {
    return new RedisServer(CONFIGURATION, 0, List.of(), data -> environment);
  }

  private RedisServer(Path file, int tlsPort, List<String> options) {
    this(file, tlsPort, options, data -> Map.of());
  }

  /**
   * @param environment of a process that has its data there
   */
  private RedisServer(
      Path file,
      int tlsPort,
      List<String> options,
      Function<Path, Map<String, String>> environment) {
    this.environment = environment;
    this.sentinel = file.equals(SENTINEL);
    this.tlsPort = tlsPort;
    this.options = List.copyOf(options);
    try {
      dir = Files.createTempDirectory("samband-redis-");
      config = dir.resolve("redis.conf");
      List<String> lines = new ArrayList<>(Files.readAllLines(file));
      if (sentinel) {
        lines.removeIf(line -> line.startsWith("sentinel monitor "));
        lines.removeIf(line -> options.stream().anyMatch(option -> sameKey(line, option)));
        lines.addAll(0, this.options);
      } else {
        lines.addAll(this.options);
      }
      if (!sentinel) {
        // The default waits for five seconds, in case that more replicas come.
        lines.add("repl-diskless-sync-delay 0");
      }
      lines.add("port " + port);
      lines.add("dir " + dir);
      lines.add("logfile " + dir.resolve("log"));
      Files.write(config, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
    restart();
  }

  // The third word is the value.
  private static boolean sameKey(String line, String option) {
    return line.startsWith(option.replaceAll("^(\\S+ \\S+ ).*", "$1"));
  }

  /** Where clients find it. */
  public HostAndPort at() {
    return new HostAndPort("127.0.0.1", port);
  }

  /** The same as a URL. */
  public String url() {
    return "redis://" + at();
  }

  /** The port for encrypted connections, of a server that takes them. */
  public int tlsPort() {
    return tlsPort;
  }

  /** Starts it again on the same port, with what is in its directory, and waits until it answers. */
  public void restart() {
    List<String> command = new ArrayList<>(List.of(PROGRAM, config.toString()));
    if (sentinel) {
      command.add("--sentinel");
    }
    try {
      ProcessBuilder builder = new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(dir.resolve("output").toFile()));
      builder.environment().putAll(environment.apply(data()));
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    awaitAnswers();
  }

  /** Waits until it answers; also after {@link #thaw}. */
  public void awaitAnswers() {
    await()
        .atMost(START)
        .failFast(() -> {
          if (!process.isAlive()) {
            throw new IllegalStateException("the server ended:\n" + log());
          }
        })
        .ignoreExceptions()
        .until(() -> {
          try (Jedis jedis = client()) {
            return jedis.info("persistence").contains("loading:0") || sentinel;
          }
        });
  }

  /** A connection of its own; the caller closes it. */
  public Jedis client() {
    return new Jedis("127.0.0.1", port);
  }

  /** Ends it as a power failure of its process would. */
  public void kill() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Waits until it has ended by itself. */
  public void awaitExit() {
    await().atMost(START).until(() -> !process.isAlive());
  }

  private Path data() {
    return dir.resolve("appendonlydir");
  }

  /** Copies its data while it stands still, as a snapshot of the disk does. */
  public void backUp() {
    freeze();
    Directories.delete(dir.resolve("backup"));
    Directories.copy(data(), dir.resolve("backup"));
    thaw();
  }

  /** Puts back what {@link #backUp} has copied, as after a disaster. */
  public void restoreBackUp() {
    kill();
    Directories.delete(data());
    Directories.copy(dir.resolve("backup"), data());
    restart();
  }

  /** Removes all its data, while it does not run. */
  public void loseEverything() {
    Directories.delete(data());
    Directories.delete(dir.resolve("dump.rdb"));
  }

  /** Cuts off its file before the transaction that has put an entry into a stream, while it does not run. */
  public void loseFrom(String stream, long entry) {
    try (Stream<Path> files = Files.list(data())) {
      Path file = files
          .filter(each -> each.toString().endsWith(".incr.aof"))
          .max(Comparator.comparing(Path::toString))
          .orElseThrow();
      byte[] bytes = Files.readAllBytes(file);
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      String id = entry + "-0";
      int added = text.indexOf("XADD\r\n$" + stream.length() + "\r\n" + stream + "\r\n$"
          + id.length() + "\r\n" + id + "\r\n");
      int begin = text.lastIndexOf("*1\r\n$5\r\nMULTI\r\n", added);
      if (added < 0 || begin < 0) {
        throw new IllegalStateException("no " + id + " of " + stream + " in " + file);
      }
      Files.write(file, Arrays.copyOf(bytes, begin));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on it does nothing, and its connections stay open. */
  public void freeze() {
    signal("STOP");
  }

  public void thaw() {
    signal("CONT");
  }

  /** Makes a replica a primary, as a failover does. */
  public void promote() {
    try (Jedis jedis = client()) {
      jedis.replicaofNoOne();
    }
  }

  /** Makes it a replica of another server, and waits until it has what that one has. */
  public void follow(RedisServer primary) {
    try (Jedis jedis = client()) {
      jedis.replicaof("127.0.0.1", primary.port);
    }
    awaitInSync(primary);
  }

  /** Waits until this replica has all that its primary has. */
  public void awaitSameAs(RedisServer primary) {
    try (Jedis jedis = primary.client()) {
      // As a write of this connection: otherwise there would be nothing to wait for.
      jedis.publish("in-sync", "");
      await().atMost(START).until(() -> jedis.waitReplicas(1, 1_000) == 1);
    }
  }

  /** The replica knows it first, the primary when the replica acknowledges something: once a second. */
  private void awaitInSync(RedisServer primary) {
    await().atMost(START).ignoreExceptions().until(() -> {
      try (Jedis jedis = client();
          Jedis its = primary.client()) {
        return jedis.info("replication").contains("master_link_status:up")
            && its.info("replication").contains("port=" + port + ",state=online");
      }
    });
  }

  private boolean knowsReplica() {
    try (Jedis jedis = client()) {
      List<Map<String, String>> replicas = jedis.sentinelReplicas("samband");
      return replicas.stream().anyMatch(replica -> "ok".equals(replica.get("master-link-status")));
    } catch (JedisException e) {
      return false;
    }
  }

  /** What it has written to its log. */
  public String log() {
    try {
      Path file = dir.resolve("log");
      return Files.exists(file) ? Files.readString(file) : Files.readString(dir.resolve("output"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void signal(String name) {
    Processes.signal(name, process.pid());
  }

  @Override
  public void close() {
    if (process != null) {
      kill();
    }
    Directories.delete(dir);
  }
}
