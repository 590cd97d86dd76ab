package io.samband.bench;

/**
 * A server that streams and takes events.
 *
 * @param streamPath where {@code GET} streams
 * @param publishPath where {@code POST} publishes
 * @param pid the process whose CPU time is counted
 * @param filters whether it takes {@code ?types=}
 */
record Target(
    String name,
    int port,
    String streamPath,
    String publishPath,
    long pid,
    boolean filters,
    Runnable stop)
    implements AutoCloseable {
  static final String PAYLOAD_TYPE = "bench";

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
