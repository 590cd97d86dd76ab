package io.samband;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.Map.entry;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import io.samband.web.Needs;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which package may depend on which. */
class ArchitectureTest {
  /** Each package, with the others of ours that it may depend on. {@code io.samband} itself puts them together. */
  private static final Map<String, List<String>> MAY_USE = Map.ofEntries(
      entry("event", List.of()),
      entry("settings", List.of()),
      entry("concurrent", List.of()),
      entry("web", List.of("settings")),
      entry("auth", List.of("concurrent", "event", "log", "settings", "web")),
      entry("presence", List.of("concurrent", "event", "settings")),
      entry("log", List.of("concurrent", "event", "presence", "settings")),
      entry("stream", List.of("auth", "concurrent", "event", "log", "settings", "web")),
      entry("poll", List.of("auth", "event", "log", "settings", "web")),
      entry("outbox", List.of("concurrent", "event", "log", "settings")),
      entry("publish", List.of("auth", "event", "log", "outbox", "settings", "web")),
      entry(
          "status",
          List.of("auth", "event", "log", "outbox", "presence", "stream", "settings", "web")),
      entry("metrics", List.of("log", "outbox", "presence", "stream", "settings", "web")),
      entry("dispatch", List.of("auth", "event", "settings", "web")));

  private static final JavaClasses CLASSES = new ClassFileImporter()
      .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
      .importPackages("io.samband");

  static List<String> packages() {
    return MAY_USE.keySet().stream().sorted().toList();
  }

  @ParameterizedTest
  @MethodSource("packages")
  void aPackageDependsOnlyOnThoseThatItMay(String name) {
    String[] known =
        MAY_USE.get(name).stream().map(ArchitectureTest::inside).toArray(String[]::new);
    DescribedPredicate<JavaClass> allowed = not(resideInAPackage("io.samband.."))
        .or(resideInAPackage(inside(name)))
        .or(resideInAnyPackage(known));
    classes()
        .that()
        .resideInAPackage(inside(name))
        .should()
        .onlyDependOnClassesThat(allowed)
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void everyPackageIsListed() {
    String[] all = packages().stream().map(ArchitectureTest::inside).toArray(String[]::new);
    classes()
        .that(not(resideInAPackage("io.samband")))
        .should()
        .resideInAnyPackage(all)
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void noTwoPackagesDependOnEachOther() {
    SlicesRuleDefinition.slices()
        .matching("io.samband.(*)..")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  /** What waits, and all readers, are the same for every engine. */
  @Test
  void onlyTheStartOfTheDeploymentChoosesAnEngine() {
    for (String engine : List.of("h2", "postgres", "redis")) {
      String itself = "io.samband.log." + engine + "..";
      noClasses()
          .that(not(resideInAnyPackage("io.samband", itself)))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(itself)
          .allowEmptyShould(true)
          .check(CLASSES);
    }
    noClasses()
        .that(not(resideInAnyPackage(
            "io.samband",
            "io.samband.log.shared..",
            "io.samband.log.postgres..",
            "io.samband.log.redis..")))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.samband.log.shared..")
        .allowEmptyShould(true)
        .check(CLASSES);
    noClasses()
        .that(not(resideInAnyPackage("io.samband", "io.samband.log.pending..")))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.samband.log.pending..")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void onlyTheEngineKnowsTheDriver() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.samband.log.postgres..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.postgresql..", "com.zaxxer..")
        .allowEmptyShould(true)
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackage("io.samband.log.redis..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("redis.clients..", "org.apache.commons.pool2..")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void onlyTheStreamUsesSseAndNonBlockingOutput() {
    noClasses()
        .that()
        .resideOutsideOfPackage(inside("stream"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jakarta.ws.rs.sse..")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("jakarta.servlet.WriteListener")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  /** Without a right that is needed, everybody with an identity may change it. */
  @Test
  void whatChangesSomethingNeedsARight() {
    methods()
        .that()
        .areAnnotatedWith(POST.class)
        .or()
        .areAnnotatedWith(PUT.class)
        .or()
        .areAnnotatedWith(DELETE.class)
        // The type is in the body.
        .and(not(name("publish")))
        .should()
        .beAnnotatedWith(Needs.class)
        .check(CLASSES);
  }

  @Test
  void onlySettingsReadsConfiguration() {
    noClasses()
        .that()
        .resideOutsideOfPackage(inside("settings"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.eclipse.microprofile.config..")
        .orShould()
        .callMethod(System.class, "getProperty", String.class)
        .orShould()
        .callMethod(System.class, "getenv", String.class)
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  /** What modules compile against must not drag in a web server. */
  @Test
  void eventsNeedOnlyJson() {
    noClasses()
        .that()
        .resideInAPackage(inside("event"))
        .should()
        .dependOnClassesThat(
            resideInAPackage("jakarta..").and(not(resideInAPackage("jakarta.json.."))))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  private static String inside(String name) {
    return "io.samband." + name + "..";
  }
}
