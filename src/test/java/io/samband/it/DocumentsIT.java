package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Description;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import jakarta.json.JsonObject;
import java.net.URI;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The documents that tools read, as a deployed server serves them. */
class DocumentsIT {
  private final LiveServer server = LiveServer.shared();
  private final Http http = server.http();

  @ParameterizedTest
  @ValueSource(strings = {"openapi.json", "asyncapi.json"})
  void aDocumentIsServedAndNotSentAgainUnlessItHasChanged(String name) {
    Http.Answer first = http.get("api/" + name);

    assertThat(first.status()).isEqualTo(200);
    assertThat(first.header("content-type")).startsWith("application/json");
    assertThat(first.json()).isEqualTo(Description.of(name).json());
    String tag = first.header("etag");
    Http.Answer again = http.get("api/" + name, "If-None-Match", tag);
    assertThat(again.status()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(again.header("etag")).isEqualTo(tag);
    assertThat(http.get("api/" + name, "If-None-Match", "\"other\"").status()).isEqualTo(200);
    assertThat(http.head("api/" + name).status()).isEqualTo(200);
  }

  static Stream<Arguments> calls() {
    return Description.of("openapi.json").json().getJsonObject("paths").entrySet().stream()
        .flatMap(path -> path.getValue().asJsonObject().keySet().stream()
            .map(method -> Arguments.of(method.toUpperCase(Locale.ROOT), path.getKey())));
  }

  @ParameterizedTest
  @MethodSource("calls")
  void everyCallThatIsDescribedIsThere(String method, String path) {
    String call = "api" + path.replace("{id}", "0");
    if (call.equals("api/sse") && method.equals("GET")) {
      try (var stream = server.stream(call)) {
        assertThat(stream.next().is("hello")).isTrue();
      }
      return;
    }

    Http.Answer answer = http.send(method, call, method.equals("POST") ? "{}" : null);

    assertThat(answer.status()).isNotEqualTo(405);
    assertThat(answer.body()).doesNotContain("there is nothing at");
    assertThat(http.get("api/nothing").body()).contains("there is nothing at");
  }

  @Test
  void theServerThatADocumentNamesIsTheOneThatServedIt() {
    URI document = server.base().resolve("api/openapi.json");
    JsonObject calls = http.get("api/openapi.json").json().asJsonObject();
    String url = calls.getJsonArray("servers").getJsonObject(0).getString("url");
    // Tools put the path after the URL of the server, without a slash at its end.
    String base = document.resolve(url).toString().replaceFirst("/$", "");

    assertThat(base + "/health/live")
        .isEqualTo(server.base().resolve("api/health/live").toString());
  }
}
