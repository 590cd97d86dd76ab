package io.samband.testing;

import java.util.List;
import java.util.Map;

/** Looks at every answer and frame that the tests get from a server. */
public interface WireCheck {
  /**
   * An answer.
   *
   * @param target the path as it was sent, from the root of the application, with its query
   * @param sent the body of the request, or null
   * @param body null if it was not read
   * @throws AssertionError if it is not as it should be
   */
  default void answer(
      String method,
      String target,
      String sent,
      int status,
      Map<String, List<String>> headers,
      String body) {}

  /**
   * A frame of a stream.
   *
   * @throws AssertionError if it is not as it should be
   */
  default void frame(Frame frame) {}
}
