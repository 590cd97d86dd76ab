package io.samband;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.samband.web.Calls;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an application of another team that takes all classes that it finds must not find, or only where it is closed. */
class ApiTest {
  private static final List<JavaClass> OURS = new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.samband")
          .stream()
          .filter(type -> !type.getPackageName().startsWith("io.samband.dispatch"))
          .toList();

  @Test
  void everyResourceIsServedBelowAPathThatIsClosedAndForwardedTo() {
    List<Class<?>> resources = OURS.stream()
        .filter(type -> type.isAnnotatedWith(Path.class))
        .<Class<?>>map(JavaClass::reflect)
        .toList();
    assertThat(resources).hasSizeGreaterThan(5);
    assertThat(new Api().getClasses()).containsAll(resources);
    assertThat(resources).allSatisfy(resource -> {
      String path = resource.getAnnotation(Path.class).value();
      assertThat(path.split("/", -1)[0]).isEqualTo(Calls.INNER);
      assertThat(Arrays.stream(resource.getDeclaredMethods())
              .map(method -> method.getAnnotation(Path.class))
              .map(sub -> sub == null ? path : path + "/" + sub.value())
              .map(full -> full.split("/", -1)))
          .allSatisfy(full -> assertThat(full.length == 1 || Calls.ROOTS.contains(full[1]))
              .as(String.join("/", full))
              .isTrue());
    });
  }

  /** It looks only at methods that say which right of ours they need. */
  @Test
  void theOnlyProviderThatCanBeFoundIsTheOneOfRights() {
    assertThat(OURS.stream().filter(type -> type.isAnnotatedWith(Provider.class)))
        .extracting(JavaClass::getSimpleName)
        .containsExactly("RightsFilter");
    assertThat(OURS.stream().filter(type -> type.isAssignableTo(ExceptionMapper.class)))
        .isNotEmpty();
  }
}
