package io.samband.stream.fanout;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Escapes U+0085, U+2028 and U+2029 in JSON. They end no line of an event stream, but some clients split lines there. Events
 * are escaped when they are published; the log may have events from before that.
 */
final class LineSeparators {
  private LineSeparators() {}

  /** The same array if there is nothing to escape. */
  static byte[] escaped(byte[] json) {
    int found = next(json, 0);
    if (found == json.length) {
      return json;
    }
    var escaped = new ByteArrayOutputStream(json.length + 16);
    int from = 0;
    while (found < json.length) {
      escaped.write(json, from, found - from);
      boolean isTwoBytes = json[found] == (byte) 0xC2;
      char separator = isTwoBytes ? '\u0085' : (char) (0x2028 + (json[found + 2] & 1));
      escaped.writeBytes(
          String.format("\\u%04x", (int) separator).getBytes(StandardCharsets.US_ASCII));
      from = found + (isTwoBytes ? 2 : 3);
      found = next(json, from);
    }
    escaped.write(json, from, json.length - from);
    return escaped.toByteArray();
  }

  /** Where the next separator begins, or the end. UTF-8: C2 85, E2 80 A8 and E2 80 A9. */
  private static int next(byte[] json, int from) {
    for (int i = from; i < json.length - 1; i++) {
      byte first = json[i];
      if (first == (byte) 0xC2 && json[i + 1] == (byte) 0x85) {
        return i;
      }
      if (first == (byte) 0xE2
          && json[i + 1] == (byte) 0x80
          && i + 2 < json.length
          && (json[i + 2] == (byte) 0xA8 || json[i + 2] == (byte) 0xA9)) {
        return i;
      }
    }
    return json.length;
  }
}
