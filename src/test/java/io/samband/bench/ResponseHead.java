package io.samband.bench;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Status and headers of one answer, however the bytes are cut. */
final class ResponseHead {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private String text;
  private int matched;

  /** Returns how many of the bytes belong to the head; {@link #isComplete} says whether it ends there. */
  int take(byte[] from, int offset, int length) {
    for (int i = 0; i < length; i++) {
      byte b = from[offset + i];
      bytes.write(b);
      boolean expected = b == (matched % 2 == 0 ? '\r' : '\n');
      matched = expected ? matched + 1 : b == '\r' ? 1 : 0;
      if (matched == 4) {
        text = bytes.toString(StandardCharsets.ISO_8859_1);
        return i + 1;
      }
    }
    return length;
  }

  boolean isComplete() {
    return text != null;
  }

  int status() {
    return Integer.parseInt(text.substring(9, 12));
  }

  boolean isChunked() {
    return header("transfer-encoding").equalsIgnoreCase("chunked");
  }

  boolean isLast() {
    return header("connection").equalsIgnoreCase("close");
  }

  long contentLength() {
    String length = header("content-length");
    return length.isEmpty() ? 0 : Long.parseLong(length);
  }

  private String header(String name) {
    for (String line : text.split("\r\n", -1)) {
      if (line.toLowerCase(Locale.ROOT).startsWith(name + ":")) {
        return line.substring(name.length() + 1).strip();
      }
    }
    return "";
  }
}
