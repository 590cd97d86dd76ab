package io.samband.testing;

import java.util.ArrayList;
import java.util.List;

/**
 * One frame of a stream, as it was written.
 *
 * @param text the frame to the letter, with the empty line that ends it
 * @param id null if there is no {@code id:} line; likewise the others
 * @param event null for an application event
 */
public record Frame(String text, String id, String event, String data, String retry) {

  /** Reads the lines of a frame, as the HTML standard says (section 9.2.6), but with LF only. */
  static Frame parse(String text) {
    String id = null;
    String event = null;
    String retry = null;
    List<String> data = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      int colon = line.indexOf(':');
      String name = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? "" : line.substring(colon + 1);
      value = value.startsWith(" ") ? value.substring(1) : value;
      switch (name) {
        case "id" -> id = value;
        case "event" -> event = value;
        case "data" -> data.add(value);
        case "retry" -> retry = value;
        default -> {
          // A comment, or nothing.
        }
      }
    }
    return new Frame(text, id, event, data.isEmpty() ? null : String.join("\n", data), retry);
  }

  public boolean is(String controlName) {
    return controlName.equals(event);
  }

  /** Whether it is an application event, which carries no name. */
  public boolean isEvent() {
    return event == null && data != null;
  }

  /** The part of the id that counts. */
  public long offset() {
    return Long.parseLong(id.substring(id.indexOf('-') + 1));
  }
}
