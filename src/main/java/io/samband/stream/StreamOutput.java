package io.samband.stream;

import java.io.IOException;

/**
 * Where a subscriber's bytes go: non-blocking output, in the sense of the Servlet API. The seam at which tests script an
 * output that is ready, not ready or broken.
 *
 * <p>Used by one thread at a time.
 */
interface StreamOutput {
  /** Whether a write would be taken at once. Once this was false, the output says when it is ready again. */
  boolean isReady() throws IOException;

  /** Takes all the bytes, if need be by keeping what the socket does not. Only when ready. */
  void write(byte[] bytes) throws IOException;

  /** Ends the response. Returns at once, even if the client does not read. */
  void close();
}
