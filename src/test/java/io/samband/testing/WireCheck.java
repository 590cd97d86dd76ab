package io.samband.testing;

import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * Looks at every answer and frame that the tests get from a server. Found as a service, because tests that run inside of a server
 * have no library for it there.
 */
public interface WireCheck {
  /** What looks at them: nothing inside of a server, {@link DocumentedWire} everywhere else. */
  WireCheck INSTALLED = ServiceLoader.load(WireCheck.class, WireCheck.class.getClassLoader())
      .findFirst()
      .orElseGet(LooksAtNothing::new);

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
