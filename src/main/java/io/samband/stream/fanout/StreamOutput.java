package io.samband.stream.fanout;

import java.io.IOException;

/**
 * Where a subscriber's bytes go: non-blocking output as the Servlet API defines it. Tests replace it by an output that is
 * ready, full or broken when the test says so.
 *
 * <p>Used by one thread at a time.
 */
public interface StreamOutput {
  /** Whether a write would be taken at once. Once this was false, the output says when it is ready again. */
  boolean isReady() throws IOException;

  /** Takes all the bytes, if need be by keeping what the socket does not. Only when ready. */
  void write(byte[] bytes) throws IOException;

  /** Ends the response. Returns at once, even if the client does not read. */
  void close();
}
