package io.samband.auth.token;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import io.samband.settings.BadSettingException;
import io.samband.settings.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.util.Arrays;

/** Reads keys from a file: a JWKS, PEM public keys, or a secret. */
final class KeyFile {
  /** RFC 7518, section 3.2: a secret for HS256 has at least 256 bits. */
  private static final int MIN_SECRET_BYTES = 32;

  /** More is not a file of keys, but a mistake. */
  private static final int MAX_BYTES = 256 * 1024;

  private final TokenSettings settings;

  KeyFile(TokenSettings settings) {
    this.settings = settings;
  }

  JWKSource<SecurityContext> read(Path file) {
    byte[] content = content(file);
    if (settings.usesSecret()) {
      return forAnyId(new JWKSet(new OctetSequenceKey.Builder(secret(content)).build()));
    }
    String text = new String(content, StandardCharsets.UTF_8).strip();
    try {
      if (text.startsWith("{")) {
        return new ImmutableJWKSet<>(checked(JWKSet.parse(text).toPublicJWKSet()));
      }
      return forAnyId(checked(new JWKSet(PemKeys.parse(text))));
    } catch (ParseException | GeneralSecurityException | IllegalArgumentException e) {

      // The cause may quote the file, and so is not shown.
      throw bad("a file with a JWKS or with PEM public keys of RSA or EC");
    }
  }

  /** A key without an id of its own is for every token: PEM files have no ids, while most issuers write one. */
  private static JWKSource<SecurityContext> forAnyId(JWKSet keys) {
    return (selector, context) -> new JWKSelector(
            new JWKMatcher.Builder(selector.getMatcher()).keyID(null).build())
        .select(keys);
  }

  private JWKSet checked(JWKSet keys) {
    if (keys.isEmpty()) {
      throw bad("a file with at least one public key");
    }
    for (JWK key : keys.getKeys()) {
      if (key.getKeyType().getValue().equals("RSA") && key.size() < 2048) {
        throw bad("a file whose RSA keys have at least 2048 bits");
      }
    }
    return keys;
  }

  /** The line break that an editor adds to a secret of readable characters does not belong to it. */
  private byte[] secret(byte[] content) {
    int length = content.length;
    String text = new String(content, StandardCharsets.ISO_8859_1);
    if (text.matches("[ -~]*\r?\n")) {
      length -= text.endsWith("\r\n") ? 2 : 1;
    }
    if (length < MIN_SECRET_BYTES) {
      throw bad("for HS256, a file with a secret of at least " + MIN_SECRET_BYTES + " bytes");
    }
    return Arrays.copyOf(content, length);
  }

  private byte[] content(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(MAX_BYTES + 1);
      if (content.length <= MAX_BYTES) {
        return content;
      }
    } catch (IOException e) {
      // Falls through: a file that cannot be read and one that is too large get the same answer.
    }
    throw bad("the https URL of a JWKS, or a readable file of at most " + MAX_BYTES + " bytes");
  }

  private BadSettingException bad(String allowed) {
    return new BadSettingException(Setting.JWT_KEYS.key(), settings.keys(), allowed);
  }
}
