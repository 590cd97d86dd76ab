package io.samband.auth.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import io.samband.settings.BadSettingException;
import io.samband.settings.Settings;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenSettingsTest {
  private static final Map<String, String> COMPLETE = Map.of(
      "issuer", "https://issuer.example",
      "audience", "samband",
      "keys", "https://issuer.example/keys");

  @Test
  void tokensAreAcceptedIfIssuerAudienceAndKeysAreSet() {
    assertThat(Tokens.isConfigured(Settings.of(Map.of()))).isFalse();
    assertThat(Tokens.isConfigured(settings(Map.of()))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"issuer", "audience", "keys"})
  void issuerAudienceAndKeysAreSetTogether(String name) {
    Map<String, String> others = new HashMap<>(Map.of(
        "samband.auth.jwt.issuer", "https://issuer.example",
        "samband.auth.jwt.audience", "samband",
        "samband.auth.jwt.keys", "https://issuer.example/keys"));
    others.remove("samband.auth.jwt." + name);
    assertThatThrownBy(() -> Tokens.isConfigured(Settings.of(others)))
        .isInstanceOf(BadSettingException.class)
        .hasMessageContaining("setting samband.auth.jwt." + name + " is \"\"")
        .hasMessageContaining("either all or none");
    Map<String, String> alone = Map.of("samband.auth.jwt." + name, "https://issuer.example");
    assertThatThrownBy(() -> Tokens.isConfigured(Settings.of(alone)))
        .isInstanceOf(BadSettingException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "algorithms,none,RS256",
    "algorithms,rs256,RS256",
    "algorithms,'RS256,EdDSA',RS256",
    "algorithms,'RS256,HS256',HS256 alone",
    "algorithms,HS512,HS256 alone",
    "algorithms,',',RS256",
    "keys,http://issuer.example/keys,the https URL of a JWKS",
    "keys,ftp://issuer.example/keys,the https URL of a JWKS",
    "keys,https:///keys,the https URL of a JWKS",
    "keys,https://kari:secret@issuer.example/keys,the https URL of a JWKS",
    "keys,https://issuer.example/a b,the https URL of a JWKS",
    "keys,file://else.where/keys,the https URL of a JWKS",
    "keys,no/such/file,readable file",
    "user-claim,'',the name of a claim",
    "attribute-claims,stations,pairs claim=name",
    "attribute-claims,stations=,pairs claim=name",
    "attribute-claims,=station,pairs claim=name",
    "attribute-claims,stations=Station,pairs claim=name",
    "attribute-claims,stations=sta:tion,pairs claim=name",
    "attribute-claims,names=user,neither user nor role",
    "attribute-claims,names=role,neither user nor role",
    "attribute-claims,'stations=station,stations=place',each claim once",
    "clock-skew-millis,-1,a whole number"
  })
  void aBadValueNamesTheKeyAndWhatIsAllowed(String name, String value, String allowed) {
    assertThatThrownBy(() -> new Tokens(settings(Map.of(name, value))).close())
        .isInstanceOf(BadSettingException.class)
        .hasMessageContaining("samband.auth.jwt." + name)
        .hasMessageContaining(allowed);
  }

  @Test
  void aSecretIsNeverFetched() {
    assertThatThrownBy(() -> new Tokens(settings(Map.of("algorithms", "HS256"))).close())
        .isInstanceOf(BadSettingException.class)
        .hasMessageContaining("samband.auth.jwt.keys");
  }

  @Test
  void claimsOfAttributesMayHaveDotsAndEqualsSignsInTheirNames() {
    TokenSettings settings = TokenSettings.of(
        settings(Map.of("attribute-claims", "https://a.example/?b=c=place , org.county=county")));
    assertThat(settings.attributes())
        .isEqualTo(Map.of(
            new ClaimPath("https://a.example/?b=c"), "place",
            new ClaimPath("org.county"), "county"));
  }

  @Test
  void everyAlgorithmThatIsAllowedCanBeVerified() {
    String all = "RS256,RS384,RS512,PS256,PS384,PS512,ES256,ES384,ES512";
    assertThat(TokenSettings.of(settings(Map.of("algorithms", all))).algorithms())
        .hasSize(9)
        .allMatch(new DefaultJWSVerifierFactory().supportedJWSAlgorithms()::contains)
        .contains(JWSAlgorithm.PS512);
  }

  private static Settings settings(Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(COMPLETE);
    settings.putAll(more);
    Map<String, String> keys = new HashMap<>();
    settings.forEach((name, value) -> keys.put("samband.auth.jwt." + name, value));
    return Settings.of(keys);
  }
}
