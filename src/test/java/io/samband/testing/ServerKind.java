package io.samband.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;

/** The servers that the tests can run on. {@code docs/servers.md} says how they differ. */
@SuppressWarnings("ImmutableEnumChecker") // Its suppliers are constructors.
public enum ServerKind {
  PAYARA_MICRO("payara", PayaraEngine::version6, PayaraUnit::new),
  WILDFLY("wildfly", () -> new WildFlyEngine(false), () -> new WildFlyEngine(true)),
  PAYARA_MICRO_7("payara7", PayaraEngine::version7),
  PAYARA_SERVER("payara-server", DomainEngine::payara),
  OPEN_LIBERTY("openliberty", LibertyEngine::new),
  GLASSFISH("glassfish", DomainEngine::glassfish);

  private final String id;
  private final Supplier<Engine> bare;
  private final Supplier<Engine> configured;

  /** A server that the tests always set up by what {@code server-config} holds, or that needs none of it. */
  ServerKind(String id, Supplier<Engine> engine) {
    this(id, engine, engine);
  }

  ServerKind(String id, Supplier<Engine> bare, Supplier<Engine> configured) {
    this.id = id;
    this.bare = bare;
    this.configured = configured;
  }

  /** The one that this run is about: the system property {@code samband.it.server}. */
  public static ServerKind current() {
    String wanted = System.getProperty("samband.it.server", PAYARA_MICRO.id);
    return Arrays.stream(values())
        .filter(kind -> kind.id.equals(wanted))
        .findAny()
        .orElseThrow(() -> new IllegalStateException(
            "samband.it.server=" + wanted + " is none of " + Arrays.toString(values())));
  }

  /** Whether this run is about it. */
  public boolean isCurrent() {
    return this == current();
  }

  /** Whether it has the web container of GlassFish, as all kinds of Payara do. */
  public boolean isOfGlassFish() {
    return this != WILDFLY && this != OPEN_LIBERTY;
  }

  Engine bare() {
    return bare.get();
  }

  /** Set up and started by what {@code server-config} holds. */
  Engine configured() {
    return configured.get();
  }

  /** Where the build has put a server. */
  static Path unpacked(String name) {
    return Path.of(System.getProperty("samband.it.servers", "target/servers"), name)
        .toAbsolutePath();
  }

  /** The {@code java} of these tests. */
  static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  /** The {@code java} of a JDK 25, for servers that need more than Java 17. */
  static Path java25() {
    Path java = Path.of(System.getProperty("samband.it.jdk25", ""), "bin", "java");
    if (!Files.isExecutable(java)) {
      throw new IllegalStateException(current()
          + " needs a JDK 25: say -Djdk25=/path/to/it, or leave it out with -Dskip." + current());
    }
    return java;
  }

  @Override
  public String toString() {
    return id;
  }
}
