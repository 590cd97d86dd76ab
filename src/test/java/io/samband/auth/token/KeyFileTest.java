package io.samband.auth.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.samband.settings.BadSettingException;
import io.samband.settings.Settings;
import io.samband.testing.TokenMint;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyFileTest {
  private static final TokenMint MINT = new TokenMint("https://issuer.example", "samband");
  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  @TempDir
  private Path directory;

  @Test
  void aJwksIsReadWithTheIdsOfItsKeys() throws Exception {
    try (Tokens tokens = open(new JWKSet(List.of(MINT.rsa(), MINT.ec())).toString(true))) {
      assertThat(tokens.verify(rs256("rsa-1")).user()).isEqualTo("kari");
      assertThat(tokens.verify(es256()).user()).isEqualTo("kari");
      assertThatThrownBy(() -> tokens.verify(rs256("rsa-2"))).hasMessage("unknown_key");
    }
  }

  @Test
  void aPublicKeyInPemIsForTokensWithAnyKeyId() throws Exception {
    try (Tokens tokens = open(pem(MINT.rsa().toRSAPublicKey().getEncoded()))) {
      assertThat(tokens.verify(rs256("rsa-1")).user()).isEqualTo("kari");
      assertThat(tokens.verify(rs256(null)).user()).isEqualTo("kari");
      assertThatThrownBy(() -> tokens.verify(es256())).hasMessage("unknown_key");
    }
  }

  @Test
  void severalPublicKeysMayStandInOneFile() throws Exception {
    String both = pem(MINT.ec().toECPublicKey().getEncoded())
        + pem(MINT.rsa().toRSAPublicKey().getEncoded());
    try (Tokens tokens = open(both)) {
      assertThat(tokens.verify(rs256("rsa-1")).user()).isEqualTo("kari");
      assertThat(tokens.verify(es256()).user()).isEqualTo("kari");
    }
  }

  @Test
  void aFileMayBeNamedByItsUrl() throws Exception {
    Path file = Files.writeString(
        directory.resolve("a key"), pem(MINT.rsa().toRSAPublicKey().getEncoded()));
    try (Tokens tokens = open(file.toUri().toString(), "RS256")) {
      assertThat(tokens.verify(rs256("rsa-1")).user()).isEqualTo("kari");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "\r\n"})
  void theLineBreakAfterASecretIsNotPartOfIt(String lineBreak) throws Exception {
    Path file = Files.writeString(directory.resolve("secret"), SECRET + lineBreak);
    try (Tokens tokens = open(file.toString(), "HS256")) {
      assertThat(tokens.verify(hs256(SECRET)).user()).isEqualTo("kari");
      assertThatThrownBy(() -> tokens.verify(hs256(SECRET + "x"))).hasMessage("signature");
      assertThatThrownBy(() -> tokens.verify(rs256("rsa-1"))).hasMessage("algorithm");
    }
  }

  @Test
  void aSecretOfAnyBytesIsTakenAsItIs() throws Exception {
    byte[] secret = new byte[32];
    secret[31] = '\n';
    Path file = Files.write(directory.resolve("secret"), secret);
    try (Tokens tokens = open(file.toString(), "HS256")) {
      assertThat(tokens
              .verify(hs256(new String(secret, StandardCharsets.US_ASCII)))
              .user())
          .isEqualTo("kari");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "\n", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcde\n"})
  void aSecretOfLessThan32BytesStopsTheDeploymentAndIsNotShown(String secret) throws Exception {
    Path file = Files.writeString(directory.resolve("secret"), secret);
    assertThatThrownBy(() -> open(file.toString(), "HS256"))
        .isInstanceOf(BadSettingException.class)
        .hasMessageContaining("samband.auth.jwt.keys is \"" + file + '"')
        .hasMessageContaining("at least 32 bytes")
        .hasMessageNotContaining("0123456789");
  }

  @Test
  void aFileWithoutAUsablePublicKeyStopsTheDeployment() throws Exception {
    KeyPairGenerator small = KeyPairGenerator.getInstance("RSA");
    small.initialize(1024);
    String privateKey = pem(MINT.rsa().toRSAPrivateKey().getEncoded()).replace("PUBLIC", "PRIVATE");
    for (String content : List.of(
        "",
        "hush",
        "{}",
        "{\"keys\":[]}",
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}]}",
        "{\"keys\":".repeat(10_000),
        privateKey,
        pem(new byte[] {1, 2, 3}),
        pem(MINT.rsa().toRSAPublicKey().getEncoded()) + privateKey,
        pem(small.generateKeyPair().getPublic().getEncoded()),
        " ".repeat(300_000))) {
      assertThatThrownBy(() -> open(content))
          .isInstanceOf(BadSettingException.class)
          .hasMessageContaining("samband.auth.jwt.keys")
          .hasMessageNotContaining("hush")
          .hasNoCause();
    }
  }

  private Tokens open(String content) throws Exception {
    return open(Files.writeString(directory.resolve("keys"), content).toString(), "RS256,ES256");
  }

  private static Tokens open(String keys, String algorithms) {
    return new Tokens(Settings.of(Map.of(
        "samband.auth.jwt.issuer",
        MINT.issuer(),
        "samband.auth.jwt.audience",
        MINT.audience(),
        "samband.auth.jwt.keys",
        keys,
        "samband.auth.jwt.algorithms",
        algorithms)));
  }

  private static String rs256(String keyId) {
    return TokenMint.sign(MINT.rsaHeader().keyID(keyId).build(), payload(), MINT.rsa());
  }

  private static String es256() {
    return TokenMint.sign(MINT.ecHeader().build(), payload(), MINT.ec());
  }

  private static String hs256(String secret) {
    return TokenMint.sign(
        new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("any").build(),
        payload(),
        new OctetSequenceKey.Builder(secret.getBytes(StandardCharsets.US_ASCII)).build());
  }

  private static String payload() {
    return MINT.payload(Instant.now());
  }

  private static String pem(byte[] der) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END PUBLIC KEY-----\n";
  }
}
