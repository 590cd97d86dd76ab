package io.samband.auth;

import jakarta.json.JsonObject;

/** JSON in printable ASCII, in which no character of a name can begin a line or change the direction of text. */
final class AsciiJson {
  private AsciiJson() {}

  static String of(JsonObject json) {
    String text = json.toString();
    StringBuilder ascii = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c < 0x7f) {
        ascii.append(c);
      } else {
        ascii.append(String.format("\\u%04x", (int) c));
      }
    }
    return ascii.toString();
  }
}
