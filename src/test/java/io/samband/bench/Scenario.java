package io.samband.bench;

/**
 * One load.
 *
 * @param stalled clients that never read, connected before the others
 * @param types event types in turn, each subscriber taking one of them; 1 means that all take everything
 * @param rate events a second; 0 publishes as fast as the answers come back
 * @param events how many events to publish at that rate
 * @param seconds how long to publish without a rate
 * @param size bytes of an event as it is published
 */
record Scenario(
    String mode,
    int clients,
    int stalled,
    int types,
    double rate,
    int events,
    double seconds,
    int size) {

  boolean isSaturated() {
    return rate == 0;
  }
}
