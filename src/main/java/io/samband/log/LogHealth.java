package io.samband.log;

/**
 * The truth about the log.
 *
 * @param problem null while events are being made durable
 * @param pending events that wait in memory
 * @param lost events that overflowed since the start
 */
public record LogHealth(String problem, int pending, long lost) {
  public boolean isReady() {
    return problem == null;
  }
}
