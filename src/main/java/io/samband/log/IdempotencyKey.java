package io.samband.log;

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

  /** The key of a request with this body. */
  public static IdempotencyKey of(String value, byte[] body) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
      return new IdempotencyKey(value, HexFormat.of().formatHex(hash));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
