package io.samband.bench;

import java.util.function.IntFunction;

/**
 * A server that streams and takes events.
 *
 * @param streamPath where {@code GET} streams
 * @param publishPath where {@code POST} publishes
 * @param pid the process whose CPU time is counted
 * @param filters whether it takes {@code ?types=}
 * @param headers lines of the request of a stream with a number, or of a publish with {@link #PUBLISHER}: who is asking
 */
record Target(
    String name,
    int port,
    String streamPath,
    String publishPath,
    long pid,
    boolean filters,
    IntFunction<String> headers,
    Runnable stop)
    implements AutoCloseable {
  static final String PAYLOAD_TYPE = "bench";

  /** Stands for a stream's number. */
  static final int PUBLISHER = -1;

  /** Of a server that does not ask who somebody is. */
  static final IntFunction<String> NO_HEADERS = number -> "";

  String streamPath(int type, int types) {
    return types == 1 ? streamPath : streamPath + "?types=" + type(type, types);
  }

  static String type(int type, int types) {
    return types == 1 ? PAYLOAD_TYPE : PAYLOAD_TYPE + "_" + type;
  }

  @Override
  public void close() {
    stop.run();
  }
}
