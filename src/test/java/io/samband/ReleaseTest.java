package io.samband;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;

/** What Maven Central refuses a release without; a refusal would come only when it is published. */
class ReleaseTest {
  private static final XPath XPATH = XPathFactory.newInstance().newXPath();
  private final Document pom = pom();

  private static Document pom() {
    try {
      return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse("pom.xml");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private String text(String path) throws XPathExpressionException {
    return XPATH.evaluate("/project/" + path, pom).trim();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "groupId",
        "artifactId",
        "version",
        "name",
        "description",
        "url",
        "licenses/license/name",
        "licenses/license/url",
        "developers/developer/name",
        "developers/developer/url",
        "scm/connection",
        "scm/developerConnection",
        "scm/url"
      })
  void thePomSays(String element) throws XPathExpressionException {
    assertThat(text(element)).isNotEmpty();
  }

  @Test
  void thePomNeedsNoOtherPlaceThanCentral() throws XPathExpressionException {
    assertThat(text("parent")).isEmpty();
    assertThat(text("repositories")).isEmpty();
    assertThat(text("pluginRepositories")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "maven-source-plugin",
        "maven-javadoc-plugin",
        "cyclonedx-maven-plugin",
        "central-publishing-maven-plugin"
      })
  void aReleaseRuns(String plugin) throws XPathExpressionException {
    assertThat(text("profiles/profile[id='release']/build/plugins/plugin[artifactId='" + plugin
            + "']/artifactId"))
        .isEqualTo(plugin);
  }

  @Test
  void theTimeInEveryArchiveIsFixed() throws XPathExpressionException {
    assertThat(text("properties/project.build.outputTimestamp"))
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
  }

  @Test
  void noSecondVersionIsKeptForTheBrowserSide() throws IOException {
    assertThat(Path.of("src/main/frontend/package.json"))
        .content()
        .contains("\"version\": \"0.0.0\"", "\"private\": true");
    assertThat(Files.readString(Path.of("src/main/frontend/vite.package.config.ts")))
        .contains("../../../pom.xml");
  }
}
