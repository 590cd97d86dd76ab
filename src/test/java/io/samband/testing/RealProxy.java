package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * nginx or HAProxy of this machine in front of a server, with the configuration of {@code server-config}: only ports, paths
 * and how long old workers live are changed.
 */
public final class RealProxy implements AutoCloseable {
  /** Which one. */
  public enum Kind {
    NGINX,
    HAPROXY
  }

  private static final Duration START = Duration.ofSeconds(10);

  private final Kind kind;
  private final boolean tls;
  private final int connections;
  private final int port = Ports.free();
  private final Path work;
  private final Process process;

  /** In front of the server at {@code node}, in the clear. */
  public static RealProxy of(Kind kind, URI node) {
    return new RealProxy(kind, List.of(node), false);
  }

  /** In front of three nodes, in the clear. */
  public static RealProxy ofCluster(Kind kind, URI first, URI second, URI third) {
    return new RealProxy(kind, List.of(first, second, third), false);
  }

  /** HAProxy in front of three nodes, for so many connections; it needs twice as many descriptors. */
  public static RealProxy ofCluster(int connections, URI first, URI second, URI third) {
    return new RealProxy(Kind.HAPROXY, List.of(first, second, third), false, connections);
  }

  /** In front of the server at {@code node}, with TLS by a certificate that nobody trusts, and HTTP/2. */
  public static RealProxy overTls(Kind kind, URI node) {
    return new RealProxy(kind, List.of(node), true);
  }

  private RealProxy(Kind kind, List<URI> nodes, boolean tls) {
    this(kind, nodes, tls, 2_000);
  }

  private RealProxy(Kind kind, List<URI> nodes, boolean tls, int connections) {
    this.connections = connections;
    this.kind = kind;
    this.tls = tls;
    try {
      work = Files.createTempDirectory(
          Files.createDirectories(
              Path.of(System.getProperty("samband.it.work", "target/it")).toAbsolutePath()),
          "proxy-");
      if (tls) {
        certificate();
      }
      Path config = work.resolve("proxy.conf");
      Files.writeString(config, kind == Kind.NGINX ? nginx(nodes) : haproxy(nodes));
      process = new ProcessBuilder(command(config))
          .redirectErrorStream(true)
          .redirectOutput(work.resolve("proxy.log").toFile())
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    awaitListening();
  }

  public URI base() {
    return URI.create((tls ? "https" : "http") + "://127.0.0.1:" + port + "/");
  }

  /** Lets new workers take over, as an operator does who changed the configuration. */
  public void reload() {
    signal(kind == Kind.NGINX ? "HUP" : "USR2");
  }

  public String log() {
    try {
      return Files.readString(work.resolve("proxy.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    // The master first: it would replace its workers.
    List<ProcessHandle> workers = process.descendants().toList();
    process.destroyForcibly();
    workers.forEach(ProcessHandle::destroyForcibly);
  }

  private List<String> command(Path config) {
    return kind == Kind.NGINX
        ? List.of(
            "/usr/sbin/nginx", "-p", work.toString(), "-c", config.toString(), "-g", "daemon off;")
        : List.of("/usr/sbin/haproxy", "-W", "-db", "-f", config.toString());
  }

  private String nginx(List<URI> nodes) throws IOException {
    List<String> pairs = new ArrayList<>(addresses(nodes));
    pairs.addAll(List.of(
        "worker_shutdown_timeout 30s", "worker_shutdown_timeout 1s",
        "listen 443 ssl http2", "listen 127.0.0.1:" + port + (tls ? " ssl http2" : ""),
        // First, because the directory of a checkout may itself lie below /tmp/.
        "/tmp/", work + "/",
        "/certs/", work + "/"));
    String text = replaced(Path.of("server-config/nginx", file(nodes, "nginx", "conf")), pairs);
    return tls ? text : text.replaceAll("(?m)^ *ssl_.*$", "");
  }

  private String haproxy(List<URI> nodes) throws IOException {
    List<String> pairs = new ArrayList<>(addresses(nodes));
    pairs.addAll(List.of(
        "maxconn 20000",
        "maxconn " + connections,
        "hard-stop-after 30s",
        "hard-stop-after 1s",
        tls ? "bind :443" : "bind :443 ssl crt /certs/samband.pem alpn h2,http/1.1",
        "bind 127.0.0.1:" + port,
        tls ? "/certs/" : "global\n",
        tls ? work + "/" : "global\n"));
    return replaced(Path.of("server-config/haproxy", file(nodes, "haproxy", "cfg")), pairs);
  }

  private static String file(List<URI> nodes, String name, String ending) {
    return name + (nodes.size() == 1 ? "." : "-cluster.") + ending;
  }

  /** Where each node is in the configuration, and where it is. */
  private static List<String> addresses(List<URI> nodes) {
    if (nodes.size() == 1) {
      return List.of("127.0.0.1:8080", nodes.get(0).getRawAuthority());
    }
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      pairs.addAll(List.of("samband" + (i + 1) + ":8080", nodes.get(i).getRawAuthority()));
    }
    return pairs;
  }

  /** Each text in turn must be there, so that a test never runs with a port or a path that it did not mean. */
  private static String replaced(Path file, List<String> pairs) throws IOException {
    String text = Files.readString(file);
    for (int i = 0; i < pairs.size(); i += 2) {
      if (!text.contains(pairs.get(i))) {
        throw new IllegalStateException(file + " has no " + pairs.get(i));
      }
      text = text.replace(pairs.get(i), pairs.get(i + 1));
    }
    return text;
  }

  private void certificate() throws IOException {
    Path store = work.resolve("store.p12");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", "samband", "-keyalg", "EC", "-storetype"));
    command.addAll(List.of("PKCS12", "-storepass", "changeit", "-dname", "CN=localhost"));
    command.addAll(List.of("-ext", "san=ip:127.0.0.1,dns:localhost", "-validity", "2"));
    command.addAll(List.of("-keystore", store.toString()));
    Processes.printed(new ProcessBuilder(command));
    try {
      java.security.KeyStore keys =
          java.security.KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
      String key =
          pem("PRIVATE KEY", keys.getKey("samband", "changeit".toCharArray()).getEncoded());
      String certificate = pem("CERTIFICATE", keys.getCertificate("samband").getEncoded());
      Files.writeString(work.resolve("key.pem"), key);
      Files.writeString(work.resolve("cert.pem"), certificate);
      Files.writeString(work.resolve("samband.pem"), certificate + key);
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(String what, byte[] der) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + what + "-----\n" + base64 + "\n-----END " + what + "-----\n";
  }

  private void signal(String name) {
    Processes.signal(name, process.pid());
  }

  private void awaitListening() {
    long deadline = System.nanoTime() + START.toNanos();
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
        return;
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          throw new IllegalStateException("the proxy did not start:\n" + log(), e);
        }
      }
      try {
        TimeUnit.MILLISECONDS.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}
