package io.samband.log;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Names one publication, so that a repeat of it is recognised.
 *
 * @param value 1 to 255 printable ASCII characters
 * @param bodyHash SHA-256 of the body it came with, in hex
 */
public record IdempotencyKey(String value, String bodyHash) {
  private static final Pattern VALUE = Pattern.compile("[\\x21-\\x7e]{1,255}");

  public IdempotencyKey {
    if (!VALUE.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "Idempotency-Key must be 1 to 255 printable ASCII characters without spaces");
    }
  }

  /**
   * The same key when a user sent it: the keys of two users are never the same.
   *
   * @param subject names the user; null for nobody in particular, who keeps the key as it is
   */
  public IdempotencyKey ofSubject(String subject) {
    return subject == null
        ? this
        : new IdempotencyKey(hash((subject + ' ' + value).getBytes(US_ASCII)), bodyHash);
  }

  /** The key of a request with this body. */
  public static IdempotencyKey of(String value, byte[] body) {
    return new IdempotencyKey(value, hash(body));
  }

  private static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
