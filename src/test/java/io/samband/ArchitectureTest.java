package io.samband;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.Map.entry;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The map of the house. */
class ArchitectureTest {
  /** Each package, with the others of ours that it may know. {@code io.samband} itself puts them together. */
  private static final Map<String, List<String>> MAY_KNOW = Map.ofEntries(
      entry("event", List.of()),
      entry("settings", List.of()),
      entry("concurrent", List.of()),
      entry("web", List.of("settings")),
      entry("log", List.of("concurrent", "event", "settings")),
      entry("stream", List.of("concurrent", "event", "log", "settings", "web")),
      entry("poll", List.of("event", "log", "settings", "web")),
      entry("publish", List.of("event", "log", "settings", "web")),
      entry("status", List.of("event", "log", "stream", "settings", "web")),
      entry("metrics", List.of("log", "stream", "settings")),
      entry("dispatch", List.of("event", "web")));

  private static final JavaClasses HOUSE = new ClassFileImporter()
      .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
      .importPackages("io.samband");

  static List<String> packages() {
    return MAY_KNOW.keySet().stream().sorted().toList();
  }

  @ParameterizedTest
  @MethodSource("packages")
  void aPackageKnowsOnlyWhatItsRoomIsFor(String room) {
    String[] known =
        MAY_KNOW.get(room).stream().map(ArchitectureTest::inside).toArray(String[]::new);
    DescribedPredicate<JavaClass> allowed = not(resideInAPackage("io.samband.."))
        .or(resideInAPackage(inside(room)))
        .or(resideInAnyPackage(known));
    classes()
        .that()
        .resideInAPackage(inside(room))
        .should()
        .onlyDependOnClassesThat(allowed)
        .allowEmptyShould(true)
        .check(HOUSE);
  }

  @Test
  void everyPackageStandsOnTheMap() {
    String[] rooms = packages().stream().map(ArchitectureTest::inside).toArray(String[]::new);
    classes()
        .that(not(resideInAPackage("io.samband")))
        .should()
        .resideInAnyPackage(rooms)
        .allowEmptyShould(true)
        .check(HOUSE);
  }

  @Test
  void noTwoPackagesKnowEachOther() {
    SlicesRuleDefinition.slices()
        .matching("io.samband.(*)..")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(HOUSE);
  }

  @Test
  void onlyTheStreamKnowsSseAndNonBlockingOutput() {
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
        .check(HOUSE);
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
        .check(HOUSE);
  }

  /** What modules compile against must not drag in a web server. */
  @Test
  void eventsKnowNothingButJson() {
    noClasses()
        .that()
        .resideInAPackage(inside("event"))
        .should()
        .dependOnClassesThat(
            resideInAPackage("jakarta..").and(not(resideInAPackage("jakarta.json.."))))
        .allowEmptyShould(true)
        .check(HOUSE);
  }

  private static String inside(String room) {
    return "io.samband." + room + "..";
  }
}
