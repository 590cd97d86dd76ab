package io.samband.auth.token;

/** Which texts of a token may become names. Pure functions. */
public final class ClaimText {
  /** The longest name of a user or role, in characters. */
  static final int MAX_NAME = 256;

  private ClaimText() {}

  /** Whether a text can name a user or a role: in a log or a frame it must not begin a new line or turn its direction. */
  public static boolean isName(String text) {
    return !text.isBlank()
        && text.length() <= MAX_NAME
        && text.codePoints().noneMatch(ClaimText::breaksLines);
  }

  private static boolean breaksLines(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE -> true;
      case Character.FORMAT -> turnsDirection(character);
      default -> false;
    };
  }

  private static boolean turnsDirection(int character) {
    return character == 0x061C
        || character == 0x200E
        || character == 0x200F
        || (character >= 0x202A && character <= 0x202E)
        || (character >= 0x2066 && character <= 0x2069);
  }
}
