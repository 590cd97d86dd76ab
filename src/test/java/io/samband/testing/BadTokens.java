package io.samband.testing;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.util.Base64;
import com.nimbusds.jose.util.Base64URL;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Every kind of token that must be refused, most of them with a good signature of the issuer. They are made for a deployment
 * whose settings are the defaults, except for issuer, audience and keys.
 */
public final class BadTokens {
  private final TokenMint mint;
  private final TokenMint attacker;
  private final Instant now;
  private final URI trap;
  private final Map<String, String> tokens = new LinkedHashMap<>();

  private BadTokens(TokenMint mint, Instant now, URI trap) {
    this.mint = mint;
    this.now = now;
    this.trap = trap;
    this.attacker = new TokenMint(mint.issuer(), mint.audience());
  }

  /**
   * The table of names and tokens.
   *
   * @param mint the issuer that the deployment trusts
   * @param trap a URL that some of the tokens name, and that nobody must ever ask
   */
  public static Map<String, String> of(TokenMint mint, Instant now, URI trap) {
    BadTokens table = new BadTokens(mint, now, trap);
    table.algorithms();
    table.keys();
    table.keyIds();
    table.audiences();
    table.issuers();
    table.times();
    table.otherKinds();
    table.users();
    table.shapes();
    table.signatures();
    return table.tokens;
  }

  /** The table of names and values of {@code Authorization}: all those tokens, and headers that carry none or several. */
  public static Map<String, String> authorizations(TokenMint mint, Instant now, URI trap) {
    Map<String, String> values = new LinkedHashMap<>();
    of(mint, now, trap).forEach((name, token) -> {
      // A header cannot carry anything else.
      if (token.matches("[ -~]*")) {
        values.put(name, ("Bearer " + token).trim());
      }
    });
    String good = mint.token(mint.claims(now));
    values.put("scheme without a token", "Bearer");
    values.put("token without a scheme", good);
    values.put("scheme Basic", "Basic a2FyaTpzZWNyZXQ=");
    values.put("scheme that begins like Bearer", "BearerX " + good);
    values.put("scheme as an assignment", "Bearer=" + good);
    values.put("token in quotes", "Bearer \"" + good + '"');
    values.put("token twice", "Bearer " + good + ' ' + good);
    values.put("two credentials in one header", "Bearer " + good + ", Bearer " + good);
    return values;
  }

  private void algorithms() {
    for (String none : List.of("none", "None", "NONE", "nOnE")) {
      raw("alg " + none, "{\"alg\":\"" + none + "\"}", payload(), "");
      raw("alg " + none + " with a signature", "{\"alg\":\"" + none + "\"}", payload(), "AAAA");
    }
    raw("alg missing", "{\"typ\":\"JWT\",\"kid\":\"rsa-1\"}", payload(), "AAAA");
    raw("alg null", "{\"alg\":null,\"kid\":\"rsa-1\"}", payload(), "AAAA");
    raw("alg a number", "{\"alg\":256,\"kid\":\"rsa-1\"}", payload(), "AAAA");
    raw("alg empty", "{\"alg\":\"\",\"kid\":\"rsa-1\"}", payload(), "AAAA");
    hmac("public key as secret of HS256, DER", publicKey());
    hmac("public key as secret of HS256, PEM", pem().getBytes(StandardCharsets.US_ASCII));
    hmac("modulus as secret of HS256", mint.rsa().getModulus().decode());
    hmac(
        "JWK as secret of HS256",
        mint.rsa().toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8));
    signed(
        "alg RS512, not in the settings",
        new JWSHeader.Builder(JWSAlgorithm.RS512).keyID("rsa-1").build(),
        mint.rsa());
    signed(
        "alg PS256, not in the settings",
        new JWSHeader.Builder(JWSAlgorithm.PS256).keyID("rsa-1").build(),
        mint.rsa());
    String rs256 = good();
    raw(
        "alg ES256 in the header of RS256",
        "{\"alg\":\"ES256\",\"kid\":\"rsa-1\"}",
        payload(),
        part(rs256, 2));
    raw(
        "alg RS256 with the key of ES256",
        "{\"alg\":\"RS256\",\"kid\":\"ec-1\"}",
        payload(),
        part(rs256, 2));
  }

  private void keys() {
    JWK other = attacker.rsa();
    signed("another key with the same id", attacker.rsaHeader().build(), other);
    signed("another key of ES256 with the same id", attacker.ecHeader().build(), attacker.ec());
    signed("another key without an id", new JWSHeader.Builder(JWSAlgorithm.RS256).build(), other);
    signed("embedded jwk", attacker.rsaHeader().jwk(other.toPublicJWK()).build(), other);
    signed(
        "embedded jwk with an id of its own",
        attacker.rsaHeader().keyID("attacker").jwk(other.toPublicJWK()).build(),
        other);
    signed("jku", attacker.rsaHeader().keyID("attacker").jwkURL(trap).build(), other);
    signed("x5u", attacker.rsaHeader().keyID("attacker").x509CertURL(trap).build(), other);
    signed("jku with a known id", attacker.rsaHeader().jwkURL(trap).build(), other);
    try {
      List<Base64> chain =
          List.of(Base64.encode(LoopbackCertificate.certificate().getEncoded()));
      signed("x5c", attacker.rsaHeader().x509CertChain(chain).build(), other);
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException(e);
    }
    raw("jwk that is none", "{\"alg\":\"RS256\",\"jwk\":{\"kty\":\"RSA\"}}", payload(), "AAAA");
    raw("jku that is no URL", "{\"alg\":\"RS256\",\"jku\":\"::\"}", payload(), "AAAA");
  }

  private void keyIds() {
    for (String id : List.of(
        "unknown",
        "",
        "../../../../../../dev/null",
        "/etc/passwd",
        "file:///dev/null",
        "' OR '1'='1",
        "\"; rm -rf \"",
        "rsa-1\u0000",
        "rsa-1\r\n[SSE] forged",
        "{\"kid\":\"rsa-1\"}",
        "k".repeat(4_000))) {
      signed(
          "kid " + (id.length() > 99 ? "of 4,000 characters" : id.replaceAll("\\p{Cntrl}", "?")),
          attacker.rsaHeader().keyID(id).build(),
          attacker.rsa());
    }
    signed(
        "kid of 10,000 characters",
        attacker.rsaHeader().keyID("k".repeat(10_000)).build(),
        attacker.rsa());
    raw("kid a number", "{\"alg\":\"RS256\",\"kid\":1}", payload(), "AAAA");
    raw("kid an array", "{\"alg\":\"RS256\",\"kid\":[\"rsa-1\"]}", payload(), "AAAA");
  }

  private void audiences() {
    String ours = mint.audience();
    with("aud of another API", "aud", "another");
    with("aud missing", "aud", null);
    with("aud empty", "aud", "");
    with("aud that begins with ours", "aud", ours + "-admin");
    with("aud in upper case", "aud", ours.toUpperCase(java.util.Locale.ROOT));
    with("aud with ours among others in one string", "aud", ours + " another");
    with("aud an empty array", "aud", List.of());
    with("aud an array without ours", "aud", List.of("another", "third"));
    with("aud an array in an array", "aud", List.of(List.of(ours)));
    with("aud an object", "aud", Map.of(ours, true));
    with("aud a number", "aud", 1);
  }

  private void issuers() {
    with("iss with a trailing slash", "iss", mint.issuer() + "/");
    with("iss missing", "iss", null);
    with("iss of another issuer", "iss", "https://evil.example");
    with("iss that begins with ours", "iss", mint.issuer() + ".evil.example");
    with("iss in upper case", "iss", mint.issuer().toUpperCase(java.util.Locale.ROOT));
    with("iss an array", "iss", List.of(mint.issuer()));
  }

  private void times() {
    with("exp missing", "exp", null);
    with("exp past", "exp", now.minusSeconds(3_600).getEpochSecond());
    with("exp a string", "exp", String.valueOf(now.plusSeconds(300).getEpochSecond()));
    with("exp negative", "exp", -1);
    with("exp zero", "exp", 0);
    with("exp 1e300", "exp", 1e300);
    with("exp -1e300", "exp", -1e300);
    with("exp 1e17", "exp", 100_000_000_000_000_000L);
    with("exp the largest long", "exp", Long.MAX_VALUE);
    with("exp in milliseconds", "exp", now.plusSeconds(300).toEpochMilli());
    with("exp true", "exp", true);
    with("exp an array", "exp", List.of(now.plusSeconds(300).getEpochSecond()));
    put("exp 1e999", mint.token(payload().replaceAll("\"exp\":[0-9]+", "\"exp\":1e999")));
    put("exp NaN", mint.token(payload().replaceAll("\"exp\":[0-9]+", "\"exp\":NaN")));
    with("nbf ahead", "nbf", now.plusSeconds(3_600).getEpochSecond());
    with("nbf 1e300", "nbf", 1e300);
    with("nbf the largest long", "nbf", Long.MAX_VALUE);
    with("nbf a string", "nbf", String.valueOf(now.getEpochSecond()));
  }

  private void otherKinds() {
    with("ID token, by its nonce", "nonce", "n-0S6_WzA2Mj");
    with("ID token, by its at_hash", "at_hash", "MTIzNDU2Nzg5MDEyMzQ1Ng");
    with("ID token, by its c_hash", "c_hash", "MTIzNDU2Nzg5MDEyMzQ1Ng");
    with("ID token of Keycloak", "typ", "ID");
    with("refresh token of Keycloak", "typ", "Refresh");
    with("offline token of Keycloak", "typ", "Offline");
    with("logout token of Keycloak", "typ", "Logout");
    with("typ of a claim that is no string", "typ", 1);
    with("ID token of Cognito", "token_use", "id");
    for (String type :
        List.of("logout+jwt", "dpop+jwt", "secevent+jwt", "refresh+jwt", "JOSE", "jwt2")) {
      signed("typ " + type, mint.rsaHeader().type(new JOSEObjectType(type)).build(), mint.rsa());
    }
  }

  private void users() {
    with("sub missing", "sub", null);
    with("sub empty", "sub", "");
    with("sub blank", "sub", "  ");
    with("sub a number", "sub", 7);
    with("sub an array", "sub", List.of("kari"));
    with("sub an object", "sub", Map.of("name", "kari"));
    with("sub of 257 characters", "sub", "k".repeat(257));
    with("sub with a line break", "sub", "kari\n[SSE] forged");
    with("sub with a carriage return", "sub", "kari\rdata: forged");
    with("sub with NUL", "sub", "kari\u0000");
    with("sub with a line separator", "sub", "kari\u2028forged");
    with("sub with next line", "sub", "kari\u0085forged");
    with("sub that turns the direction", "sub", "kari\u202Eirak");
    with("sub that isolates a direction", "sub", "kari\u2066irak");
    put("sub with half a character", mint.token(payload().replace("\"kari\"", "\"kari\\ud800\"")));
  }

  private void shapes() {
    put("empty", "");
    put("one character", "x");
    put("only dots", "..");
    put("three words", "a.b.c");
    put("two parts", part(good(), 0) + '.' + part(good(), 1));
    put("four parts", good() + ".AAAA");
    put("a space before", " " + good());
    put("a space inside", good().replaceFirst("\\.", ". "));
    put("a line break after", good() + "\n");
    put("padding", good() + "==");
    put("a percent sign", good() + "%20");
    put("not ASCII", good() + "\u00e5");
    put("JSON serialisation", "{\"payload\":\"" + part(good(), 1) + "\"}");
    raw("header that is no JSON", "alg=RS256", payload(), "AAAA");
    raw("header that is an array", "[\"RS256\"]", payload(), "AAAA");
    raw("header nested 1,000 deep", nested("{\"alg\":\"RS256\",\"x\":", 1_000), payload(), "AAAA");
    put("alg twice", raw("{\"alg\":\"none\",\"alg\":\"RS256\"}", payload(), part(good(), 2)));
    put("payload that is no JSON", mint.token("kari"));
    put("payload that is empty", mint.token(""));
    put("payload that is an array", mint.token("[" + payload() + "]"));
    put("payload that is null", mint.token("null"));
    put("payload with something after it", mint.token(payload() + "{}"));
    put("payload nested 2,000 deep", mint.token(nested(openPayload() + ",\"x\":", 2_000)));
    put("payload nested 5,000 deep without an end", mint.token("[".repeat(5_000)));
    put(
        "payload of objects nested 900 deep",
        mint.token(openPayload() + ",\"x\":" + "{\"x\":".repeat(900) + "1" + "}".repeat(901)));
    put("sub twice", mint.token(openPayload() + ",\"sub\":\"admin\"}"));
    put("exp twice", mint.token(openPayload() + ",\"exp\":9999999999}"));
    put("aud twice", mint.token("{\"aud\":\"another\"," + payload().substring(1)));
    with("more than 8 KiB", "padding", "x".repeat(8_192));
    put("a megabyte", "x".repeat(1 << 20));
    put("JWE", jwe());
    signed(
        "crit that nobody knows",
        mint.rsaHeader().criticalParams(Set.of("x")).customParam("x", 1).build(),
        mint.rsa());
    signed(
        "crit with b64",
        mint.rsaHeader()
            .criticalParams(Set.of("b64"))
            .base64URLEncodePayload(true)
            .build(),
        mint.rsa());
  }

  private void signatures() {
    String good = good();
    String unsigned = good.substring(0, good.lastIndexOf('.') + 1);
    put("signature empty", unsigned);
    put("signature truncated by a character", good.substring(0, good.length() - 1));
    put(
        "signature truncated by half",
        good.substring(0, good.length() - part(good, 2).length() / 2));
    put("signature all zero", unsigned + Base64URL.encode(new byte[256]));
    put("signature of another token", unsigned + part(mint.token(claims("sub", "ola")), 2));
    byte[] flipped = new Base64URL(part(good, 2)).decode();
    flipped[100] ^= 1;
    put("signature with one bit changed", unsigned + Base64URL.encode(flipped));
    put(
        "payload changed",
        part(good, 0)
            + '.'
            + Base64URL.encode(payload().replace("kari", "admin"))
            + '.'
            + part(good, 2));
    String ec = TokenMint.sign(mint.ecHeader().build(), payload(), mint.ec());
    String ecUnsigned = ec.substring(0, ec.lastIndexOf('.') + 1);
    put("signature of ES256 all zero", ecUnsigned + Base64URL.encode(new byte[64]));
    put("signature of ES256 empty", ecUnsigned);
    put(
        "signature of ES256 truncated",
        ecUnsigned + Base64URL.encode(Arrays.copyOf(new Base64URL(part(ec, 2)).decode(), 32)));
    put(
        "signature of ES256 in DER",
        ecUnsigned + Base64URL.encode(new byte[] {0x30, 6, 2, 1, 0, 2, 1, 0}));
  }

  private String good() {
    return mint.token(mint.claims(now));
  }

  private String payload() {
    return mint.payload(now);
  }

  /** Without the last brace. */
  private String openPayload() {
    return payload().substring(0, payload().length() - 1);
  }

  private Map<String, Object> claims(String name, Object value) {
    Map<String, Object> claims = mint.claims(now);
    if (value == null) {
      claims.remove(name);
    } else {
      claims.put(name, value);
    }
    return claims;
  }

  /** A token that differs from a good one in one claim; null takes it away. */
  private void with(String what, String name, Object value) {
    put(what, mint.token(claims(name, value)));
  }

  private void signed(String what, JWSHeader header, JWK key) {
    put(what, TokenMint.sign(header, payload(), key));
  }

  private void raw(String what, String header, String payload, String signature) {
    put(what, raw(header, payload, signature));
  }

  private static String raw(String header, String payload, String signature) {
    return Base64URL.encode(header) + "." + Base64URL.encode(payload) + '.' + signature;
  }

  private void put(String what, String token) {
    if (tokens.put(what, token) != null) {
      throw new IllegalStateException("two tokens are called " + what);
    }
  }

  private void hmac(String what, byte[] secret) {
    JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("rsa-1").build();
    signed(what, header, new OctetSequenceKey.Builder(secret).build());
  }

  private byte[] publicKey() {
    try {
      return mint.rsa().toRSAPublicKey().getEncoded();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private String pem() {
    return "-----BEGIN PUBLIC KEY-----\n" + Base64.encode(publicKey())
        + "\n-----END PUBLIC KEY-----\n";
  }

  private String jwe() {
    try {
      JWEObject jwe = new JWEObject(
          new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A256GCM)
              .keyID("rsa-1")
              .contentType("JWT")
              .build(),
          new Payload(good()));
      jwe.encrypt(new RSAEncrypter(mint.rsa()));
      return jwe.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String nested(String start, int depth) {
    return start + "[".repeat(depth) + "]".repeat(depth) + "}";
  }

  private static String part(String token, int index) {
    return token.split("\\.", -1)[index];
  }
}
