package io.samband.event;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The one spelling of a time on the wire: ISO 8601, UTC, three fraction digits. */
public final class Timestamps {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private Timestamps() {}

  /**
   * Writes a time, for example {@code 2026-11-23T14:00:00.123Z}.
   *
   * @param time in the years 0000 to 9999
   * @return the time, cut to the millisecond
   */
  public static String format(Instant time) {
    return FORMAT.format(time);
  }
}
