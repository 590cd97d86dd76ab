package io.samband.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A domain of Payara Server or GlassFish in a directory of its own, with ports of its own. */
final class Domain {
  static final Duration START = Duration.ofMinutes(2);
  private static final String NAME = "domain1";

  /** What the script says for production. Tests say it with flags of the JVM, which are weaker. */
  private static final Pattern SETTING =
      Pattern.compile("<system-property (?=[^>]*name=\"samband\\.)[^>]*(?:/>|></system-property>)");

  /**
   * With the environment of the server's own start script, which tells GlassFish where its database is. And with no input: the
   * server reads that to its end before it starts, because asadmin would say the master password there.
   */
  private static final String EXEC =
      "AS_INSTALL=\"$0\"; . \"$0/config/asenv.conf\"; exec \"$@\" </dev/null";

  private static final Pattern STARTED = Pattern.compile(" startup time ?:");

  private static final Map<Product, Path> CONFIGURED = new EnumMap<>(Product.class);

  /** Two products of one origin. */
  @SuppressWarnings("ImmutableEnumChecker") // The suppliers are methods.
  enum Product {
    PAYARA("payara-server", "payara6", ServerKind::java),
    GLASSFISH("glassfish", "glassfish8", ServerKind::java25);

    private final String id;
    private final Path home;
    private final Supplier<Path> java;

    Product(String id, String directory, Supplier<Path> java) {
      this.id = id;
      home = ServerKind.unpacked(directory);
      this.java = java;
    }

    Path home() {
      return home;
    }

    Path java() {
      return java.get();
    }

    private Path script() {
      return Path.of("server-config", id, "samband.asadmin").toAbsolutePath();
    }

    @Override
    public String toString() {
      return id;
    }
  }

  /** What {@code asadmin} has said. */
  record Answer(int exit, String text) {
    boolean isGood() {
      return exit == 0 && !text.contains(" failed.");
    }
  }

  private final Product product;
  private final Path root;
  private int adminPort = 4848;

  private Domain(Product product, Path root) {
    this.product = product;
    this.root = root;
  }

  /** A copy of a domain that the script has set up, in which tests say the settings. */
  static Domain configured(Product product, Path root, List<String> flags) {
    Directories.copy(template(product, flags).resolve(NAME), root.resolve(NAME));
    Domain domain = new Domain(product, root);
    domain.edit(text -> SETTING.matcher(text).replaceAll(""));
    return domain;
  }

  /** As an operator does it, once in this JVM: start the domain as it comes, run the script, stop it. */
  private static synchronized Path template(Product product, List<String> flags) {
    return CONFIGURED.computeIfAbsent(product, some -> {
      try {
        Path work = Path.of(System.getProperty("samband.it.work", "target/it")).toAbsolutePath();
        Path root = Files.createTempDirectory(Files.createDirectories(work), product + "-template");
        Directories.copy(product.home().resolve("glassfish/domains/" + NAME), root.resolve(NAME));
        Domain domain = new Domain(product, root);
        domain.listen(Ports.free(), Ports.free());
        domain.runScript(flags);
        return root;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  private void runScript(List<String> flags) throws IOException {
    Path log = root.resolve("setup.log");
    Process process = new ProcessBuilder(command(flags))
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
    try {
      await().atMost(START).until(() -> process.isAlive() && isUp(Files.readString(log)));
      Answer answer = asadmin("multimode", "--file", product.script().toString());
      if (!answer.isGood()) {
        throw new IllegalStateException(product.script() + ": " + answer.text());
      }
    } finally {
      Processes.stop(process);
    }
  }

  /** Gives all its listeners ports of this machine that are free. */
  void listen(int httpPort, int httpsPort) {
    adminPort = Ports.free();
    edit(text -> {
      String ports = port(text, "network-listener", "http-listener-1", "port", httpPort);
      ports = port(ports, "network-listener", "http-listener-2", "port", httpsPort);
      ports = port(ports, "network-listener", "admin-listener", "port", adminPort);
      ports = port(ports, "iiop-listener", "orb-listener-1", "port", Ports.free());
      ports = port(ports, "iiop-listener", "SSL", "port", Ports.free());
      ports = port(ports, "iiop-listener", "SSL_MUTUALAUTH", "port", Ports.free());
      ports = port(ports, "jmx-connector", "system", "port", Ports.free());
      ports = port(ports, "system-property", "JMS_PROVIDER_PORT", "value", Ports.free());
      return ports.replaceFirst("(osgi.shell.telnet.port=)\\d+", "$1" + Ports.free());
    });
  }

  /**
   * In its first place: the other one is in the template for further instances. A server that writes the file orders the attributes
   * in its own way.
   */
  private static String port(String text, String element, String name, String attribute, int port) {
    Matcher tag = Pattern.compile("<" + element + "\\b[^>]*\\b(?:id|name)=\"" + name + "\"[^>]*>")
        .matcher(text);
    if (!tag.find()) {
      throw new IllegalStateException("No " + element + " " + name);
    }
    String changed =
        tag.group().replaceFirst("\\b" + attribute + "=\"\\d+\"", attribute + "=\"" + port + "\"");
    return text.substring(0, tag.start()) + changed + text.substring(tag.end());
  }

  /** Changes {@code domain.xml}. */
  void edit(UnaryOperator<String> change) {
    Directories.edit(root.resolve(NAME).resolve("config/domain.xml"), change);
  }

  /**
   * The command by which {@code asadmin start-domain} would start it, so that its process is a child of these tests.
   *
   * @param flags of the JVM; those of the script are stronger
   */
  List<String> command(List<String> flags) {
    Answer dry = run(List.of("start-domain", "--dry-run", "--domaindir", root.toString(), NAME));
    List<String> command = new ArrayList<>(List.of("sh", "-c", EXEC));
    command.add(product.home().resolve("glassfish").toString());
    String java = product.java().toString();
    command.add(java);
    command.addAll(flags);
    // An empty line ends it.
    dry.text()
        .lines()
        .dropWhile(line -> !line.equals(java))
        .skip(1)
        .takeWhile(line -> !line.isEmpty())
        .forEach(command::add);
    if (!command.contains("-domaindir")) {
      throw new IllegalStateException(dry.text());
    }
    return command;
  }

  /** Whether a server that has logged this takes commands. */
  static boolean isUp(String log) {
    return STARTED.matcher(log).find();
  }

  Answer asadmin(String... command) {
    List<String> all =
        new ArrayList<>(List.of("--user", "admin", "--port", String.valueOf(adminPort)));
    all.addAll(List.of(command));
    return run(all);
  }

  private Answer run(List<String> arguments) {
    List<String> command = new ArrayList<>(
        List.of(product.home().resolve("bin/asadmin").toString(), "--interactive=false"));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    String jdk = product.java().getParent().getParent().toString();
    builder.environment().putAll(Map.of("AS_JAVA", jdk, "JAVA_HOME", jdk));
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Answer(process.waitFor(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
