package io.samband.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;

/** Another team's project: compiled from {@code src/test/outside} against the event jar and the platform alone, and packed. */
public final class OutsideModule {
  /** The JNDI name of {@link #warWithDatabase}. */
  public static final String DATA_SOURCE = "java:app/jdbc/desk";

  private static final Path SOURCES = Path.of("src/test/outside/module").toAbsolutePath();
  private static final Path OWN_WAR = Path.of("src/test/outside/war").toAbsolutePath();
  private static final String BEANS = """
      <?xml version="1.0" encoding="UTF-8"?>
      <beans xmlns="https://jakarta.ee/xml/ns/jakartaee" version="4.0" bean-discovery-mode="annotated"/>
      """;

  private final Path work;

  /** A project that is built in a directory. */
  public OutsideModule(Path work) {
    this.work = work;
  }

  /** The jar that the build attaches with the classifier {@code event}. */
  public static Path eventJar() {
    return LiveServer.war().resolveSibling("samband-event.jar");
  }

  /** Samband's WAR with jars added: an overlay. */
  public Path warWith(Path... jars) {
    Path war = work.resolve("samband.war");
    copy(LiveServer.war(), war);
    inside(war, files -> {
      for (Path jar : jars) {
        copy(jar, files.getPath("WEB-INF/lib/" + jar.getFileName()));
      }
    });
    return war;
  }

  /** The team's own WAR at {@code /weather}: its module, calls and page, and {@code samband.jar} with what the build resolves for it. */
  public Path ownWar() {
    Path war = work.resolve("weather.war");
    Path classes = compiled(
        "WeatherModule",
        "DeskApplication",
        "DeskResource",
        "DeskErrors",
        "DeskAnswers",
        "DeskFilter",
        "OldFilter");
    pack(war, classes, "WEB-INF/classes/", Map.of());
    inside(war, files -> {
      Directories.copy(OWN_WAR, files.getPath("/"));
      Directories.copy(unpackedLibraries(), files.getPath("WEB-INF/lib"));
    });
    return war;
  }

  /** As {@link #ownWar}, for the context root {@code /}, which WildFly reads from the WAR. */
  public Path ownWarForTheRoot() {
    Path war = ownWar();
    inside(war, files -> {
      Path descriptor = files.getPath("WEB-INF/jboss-web.xml");
      Files.writeString(descriptor, Files.readString(descriptor).replace("/weather", "/"));
    });
    return war;
  }

  /** As {@link #ownWar}, without what Payara has to be told. */
  public Path ownWarWithoutDescriptor() {
    Path war = ownWar();
    inside(war, files -> Files.delete(files.getPath("WEB-INF/glassfish-web.xml")));
    return war;
  }

  /** What Maven resolves for the jar: the WAR of the same project carries exactly that. */
  private Path unpackedLibraries() {
    Path libraries = directory("lib");
    inside(LiveServer.war(), files -> Directories.copy(files.getPath("WEB-INF/lib"), libraries));
    return libraries;
  }

  /** An EAR: the event jar in {@code lib/}, once for both, and Samband beside the module's WAR. */
  public Path ear() {
    Path web = work.resolve("weather-web.war");
    pack(
        web,
        compiled("WeatherModule", "WeatherServlet"),
        "WEB-INF/classes/",
        Map.of("WEB-INF/beans.xml", BEANS));
    Path ear = work.resolve("desk.ear");
    Path tree = directory("ear");
    copy(LiveServer.war(), tree.resolve("samband.war"));
    copy(web, tree.resolve("weather-web.war"));
    copy(eventJar(), directory("ear/lib").resolve("samband-event.jar"));
    pack(
        ear,
        tree,
        "",
        Map.of("META-INF/application.xml", """
        <?xml version="1.0" encoding="UTF-8"?>
        <application xmlns="https://jakarta.ee/xml/ns/jakartaee" version="10">
          <initialize-in-order>true</initialize-in-order>
          <module><web><web-uri>samband.war</web-uri><context-root>/</context-root></web></module>
          <module><web><web-uri>weather-web.war</web-uri><context-root>/desk</context-root></web></module>
          <library-directory>lib</library-directory>
        </application>
        """, "META-INF/jboss-deployment-structure.xml", """
        <?xml version="1.0" encoding="UTF-8"?>
        <jboss-deployment-structure xmlns="urn:jboss:deployment-structure:1.3">
          <sub-deployment name="samband.war">
            <local-last value="true"/>
          </sub-deployment>
        </jboss-deployment-structure>
        """));
    return ear;
  }

  /** Samband's WAR with a module that works on a database of PostgreSQL, and the data source {@link #DATA_SOURCE}. */
  public Path warWithDatabase(PostgresServer database) {
    Path jar = work.resolve("deeds.jar");
    pack(
        jar,
        compiled("DeedServlet"),
        "",
        Map.of("META-INF/beans.xml", BEANS, "META-INF/web-fragment.xml", """
        <?xml version="1.0" encoding="UTF-8"?>
        <web-fragment xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
          <name>deeds</name>
          <data-source>
            <name>%s</name>
            <class-name>org.postgresql.ds.PGSimpleDataSource</class-name>
            <server-name>127.0.0.1</server-name>
            <port-number>%d</port-number>
            <database-name>samband</database-name>
            <user>postgres</user>
            <password>any</password>
          </data-source>
        </web-fragment>
        """.formatted(
                DATA_SOURCE, database.port())));
    return warWith(jar);
  }

  /** The module that signs users in as the container's, with pages for it under {@code /desk/}. */
  public Path loginJar() {
    Path jar = work.resolve("login.jar");
    pack(jar, compiled("DeskLogin", "DeskServlet"), "", Map.of("META-INF/beans.xml", BEANS));
    return jar;
  }

  /** The module that fires events in transactions, asked at {@code /transactions}. */
  public Path transactionJar() {
    Path jar = work.resolve("transactions.jar");
    pack(jar, compiled("TransactionServlet"), "", Map.of("META-INF/beans.xml", BEANS));
    return jar;
  }

  /** A deployment of its own that posts. */
  public Path posterWar() {
    Path war = work.resolve("poster.war");
    pack(war, compiled("Poster"), "WEB-INF/classes/", Map.of("WEB-INF/jboss-web.xml", """
        <jboss-web><context-root>/poster</context-root></jboss-web>
        """));
    return war;
  }

  /** A deployment of its own whose timers occupy all threads that the container has for timers. */
  public Path sleepersWar() {
    Path war = work.resolve("sleepers.war");
    pack(war, compiled("Sleepers"), "WEB-INF/classes/", Map.of("WEB-INF/jboss-web.xml", """
        <jboss-web><context-root>/sleepers</context-root></jboss-web>
        """));
    return war;
  }

  private Path compiled(String... classes) {
    Path out = directory("classes-" + classes[0]);
    List<String> arguments = new ArrayList<>(List.of("-d", out.toString(), "--release", "17"));
    arguments.addAll(List.of("-cp", eventJar() + java.io.File.pathSeparator + platform()));
    for (String name : classes) {
      arguments.add(SOURCES.resolve(name + ".java").toString());
    }
    int exit = ToolProvider.getSystemJavaCompiler()
        .run(null, null, null, arguments.toArray(String[]::new));
    if (exit != 0) {
      throw new IllegalStateException("javac: " + exit);
    }
    return out;
  }

  private static Path platform() {
    return jarOf(jakarta.servlet.http.HttpServlet.class);
  }

  private static Path jarOf(Class<?> type) {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath());
  }

  private Path directory(String name) {
    try {
      return Files.createDirectories(work.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(Path from, Path to) {
    try {
      Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Change {
    void to(FileSystem files) throws IOException;
  }

  private static void inside(Path zip, Change change) {
    try (FileSystem files = FileSystems.newFileSystem(URI.create("jar:" + zip.toUri()), Map.of())) {
      change.to(files);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void pack(Path archive, Path tree, String prefix, Map<String, String> more) {
    try (OutputStream file = Files.newOutputStream(archive);
        ZipOutputStream zip = new ZipOutputStream(file);
        Stream<Path> files = Files.walk(tree)) {
      for (Path entry : files.filter(Files::isRegularFile).toList()) {
        zip.putNextEntry(new ZipEntry(prefix + tree.relativize(entry)));
        Files.copy(entry, zip);
      }
      for (Map.Entry<String, String> text : more.entrySet()) {
        zip.putNextEntry(new ZipEntry(text.getKey()));
        zip.write(text.getValue().getBytes(java.nio.charset.StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
