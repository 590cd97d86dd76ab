package io.samband.dispatch;

import io.samband.web.Problem;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;

/** Reads what a dispatcher's browser sends. */
final class Body {
  private Body() {}

  static String string(JsonObject body, String name) {
    if (body != null && body.get(name) instanceof JsonString text) {
      return text.getString();
    }
    throw Problem.of(400, "the body must be a JSON object with a string \"" + name + '"');
  }
}
