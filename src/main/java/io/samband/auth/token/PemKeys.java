package io.samband.auth.token;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Public keys in PEM (RFC 7468, section 13). Nimbus needs Bouncy Castle for them; the JDK reads them, too. */
final class PemKeys {
  private static final Pattern PUBLIC_KEY = Pattern.compile(
      "-----BEGIN PUBLIC KEY-----\\s+([A-Za-z0-9+/=\\s]+)-----END PUBLIC KEY-----\\s*");

  private PemKeys() {}

  /**
   * Reads all keys of a text.
   *
   * @throws GeneralSecurityException if anything but public keys of RSA or EC stands in it
   */
  static List<JWK> parse(String text) throws GeneralSecurityException {
    List<JWK> keys = new ArrayList<>();
    Matcher blocks = PUBLIC_KEY.matcher(text);
    int end = 0;
    while (blocks.find() && blocks.start() == end) {
      keys.add(key(new X509EncodedKeySpec(Base64.getMimeDecoder().decode(blocks.group(1)))));
      end = blocks.end();
    }
    if (end != text.length()) {
      throw new InvalidKeySpecException("not only public keys");
    }
    return keys;
  }

  private static JWK key(X509EncodedKeySpec encoded) throws GeneralSecurityException {
    try {
      RSAPublicKey key = (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(encoded);
      return new RSAKey.Builder(key).build();
    } catch (InvalidKeySpecException e) {
      ECPublicKey key = (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(encoded);
      return new ECKey.Builder(Curve.forECParameterSpec(key.getParams()), key).build();
    }
  }
}
