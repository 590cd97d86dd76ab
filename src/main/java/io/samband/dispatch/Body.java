package io.samband.dispatch;

import io.samband.web.Problem;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import java.util.Set;

/** Reads what a dispatcher's browser sends. */
final class Body {
  private Body() {}

  /**
   * A member that must be a text.
   *
   * @throws jakarta.ws.rs.WebApplicationException 400 if it is none, 422 if it cannot be written as UTF-8
   */
  static String string(JsonObject body, String name) {
    if (body == null || !(body.get(name) instanceof JsonString text)) {
      throw Problem.of(400, "the body must be a JSON object with a string \"" + name + '"');
    }
    if (has(text.getString(), Set.of(Character.SURROGATE))) {
      throw Problem.of(422, name + " holds an unpaired surrogate, which UTF-8 cannot carry");
    }
    return text.getString();
  }

  /** Whether a text fits on one line. */
  static boolean isPrintable(String text) {
    return !has(
        text, Set.of(Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR));
  }

  private static boolean has(String text, Set<Byte> categories) {
    return text.codePoints().anyMatch(c -> categories.contains((byte) Character.getType(c)));
  }
}
