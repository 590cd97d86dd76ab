package io.samband.log;

import io.samband.settings.Setting;
import io.samband.settings.Settings;

/**
 * How much of the log is kept: whichever bound is reached first applies.
 *
 * @param events how many at the most
 * @param millis for how long after the append
 * @param bytes how many bytes of encoded events at the most
 */
public record Retention(long events, long millis, long bytes) {
  /** What the settings say. */
  public static Retention of(Settings settings) {
    return new Retention(
        settings.number(Setting.RETAIN_EVENTS),
        settings.number(Setting.RETAIN_MILLIS),
        settings.number(Setting.RETAIN_BYTES));
  }
}
