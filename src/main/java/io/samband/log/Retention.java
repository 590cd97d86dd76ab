package io.samband.log;

import io.samband.settings.Setting;
import io.samband.settings.Settings;

/**
 * How much of the log is kept: whichever bound is reached first.
 *
 * @param events at the most
 * @param millis since the append
 * @param bytes of encoded events
 */
record Retention(long events, long millis, long bytes) {
  static Retention of(Settings settings) {
    return new Retention(
        settings.number(Setting.RETAIN_EVENTS),
        settings.number(Setting.RETAIN_MILLIS),
        settings.number(Setting.RETAIN_BYTES));
  }
}
