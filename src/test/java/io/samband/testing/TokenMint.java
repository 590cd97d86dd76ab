package io.samband.testing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.factories.DefaultJWSSignerFactory;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes tokens with keys of its own, good ones and any others. Immutable. */
public final class TokenMint {
  private final String issuer;
  private final String audience;
  private final RSAKey rsa;
  private final ECKey ec;

  public TokenMint(String issuer, String audience) {
    this.issuer = issuer;
    this.audience = audience;
    try {
      rsa = new RSAKeyGenerator(2048).keyID("rsa-1").generate();
      ec = new ECKeyGenerator(Curve.P_256).keyID("ec-1").generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  public String issuer() {
    return issuer;
  }

  public String audience() {
    return audience;
  }

  public RSAKey rsa() {
    return rsa;
  }

  public ECKey ec() {
    return ec;
  }

  /** Claims of a good token of kari, who has the roles dispatcher and leader, for the next minutes. Can be changed. */
  public Map<String, Object> claims(Instant now) {
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", issuer);
    claims.put("aud", audience);
    claims.put("sub", "kari");
    claims.put("groups", List.of("dispatcher", "leader"));
    claims.put("iat", now.getEpochSecond());
    claims.put("exp", now.plusSeconds(300).getEpochSecond());
    return claims;
  }

  /** Those claims as JSON. */
  public String payload(Instant now) {
    return JSONObjectUtils.toJSONString(claims(now));
  }

  /** A good token for somebody with these roles. */
  public String token(String user, Duration life, String... roles) {
    Map<String, Object> claims = claims(Instant.now());
    claims.put("sub", user);
    claims.put("groups", List.of(roles));
    claims.put("exp", Instant.now().plus(life).getEpochSecond());
    return token(claims);
  }

  /** Signed with RS256. */
  public String token(Map<String, ?> claims) {
    return token(JSONObjectUtils.toJSONString(claims));
  }

  /** Signed with RS256, whatever the payload is. */
  public String token(String payload) {
    return sign(rsaHeader().build(), payload, rsa);
  }

  public JWSHeader.Builder rsaHeader() {
    return new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(rsa.getKeyID());
  }

  public JWSHeader.Builder ecHeader() {
    return new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(ec.getKeyID());
  }

  public static String sign(JWSHeader header, String payload, JWK key) {
    try {
      JWSObject object = new JWSObject(header, new Payload(payload));
      object.sign(new DefaultJWSSignerFactory().createJWSSigner(key, header.getAlgorithm()));
      return object.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }
}
