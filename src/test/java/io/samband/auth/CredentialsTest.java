package io.samband.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CredentialsTest {
  private static final String NAME = "__Host-samband";

  private static String outcome(boolean cookie, List<String> headers) {
    try {
      Optional<Credentials> found =
          cookie ? Credentials.cookie(headers, NAME) : Credentials.bearer(headers);
      return found.map(Credentials::token).orElse("none");
    } catch (Refusal.Refused e) {
      return String.valueOf(e.refusal().status());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Bearer abc       | abc",
        "bearer abc       | abc",
        "BEARER  abc      | abc",
        "'Bearer abc '    | abc",
        "Bearer           | 401",
        "'Bearer '        | 401",
        "Bearer a b       | 401",
        "Bearerabc        | none",
        "Basic a2FyaQ==   | none",
        "Negotiate        | none"
      })
  void aBearerTokenIsOneWordBehindTheScheme(String header, String outcome) {
    assertThat(outcome(false, List.of(header))).isEqualTo(outcome);
    assertThat(outcome(false, List.of(header, header))).isEqualTo("400");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "__Host-samband=abc                        | abc",
        "a=b; __Host-samband=abc; c=d              | abc",
        "a=b;__Host-samband=abc;c=d                | abc",
        "'__Host-samband=\"abc\"'                  | abc",
        "__Host-samband=                           | ''",
        "__host-samband=abc                        | none",
        "x__Host-samband=abc                       | none",
        "__Host-samband                            | none",
        "__Host-samband=a; __Host-samband=b        | 400",
        "__Host-samband=a; x=y; __Host-samband=a   | 400",
        "''                                        | none"
      })
  void aCookieIsFoundByItsWholeNameAndOnce(String header, String outcome) {
    assertThat(outcome(true, List.of(header))).isEqualTo(outcome);
  }

  @FuzzTest
  void headersOfAnyKindAreReadOrRefused(FuzzedDataProvider data) {
    boolean cookie = data.consumeBoolean();
    List<String> headers = Arrays.asList(data.consumeRemainingAsString().split("\n", -1));

    assertThat(outcome(cookie, headers)).isNotNull();
  }
}
