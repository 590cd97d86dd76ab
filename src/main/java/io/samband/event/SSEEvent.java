package io.samband.event;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

/**
 * What is pushed to every browser: {@code {"type", "data", "timestamp"}}. A module fires it as a CDI event.
 *
 * <p>Everything is checked where the event is made, in the thread that makes it: what was meant is what is pushed, and an
 * error reaches who made it.
 *
 * @param type {@code [a-z][a-z0-9_]{0,63}}
 * @param data one JSON value; kept on one line
 * @param timestamp when the event was made; kept to the millisecond
 */
public record SSEEvent(String type, String data, Instant timestamp) {
  /** Why 64 KiB: a frame is sent to every subscriber, and a stalled one holds at most one of them in memory. */
  public static final int DEFAULT_MAX_DATA_BYTES = 64 * 1024;

  private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9_]{0,63}");
  private static final Instant YEAR_1 = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant YEAR_10000 = Instant.parse("9999-12-31T23:59:59.999Z");

  // Static, because events are made with `of` by code that nothing was injected into. Set once, at
  // start.
  private static volatile int maxDataBytes = DEFAULT_MAX_DATA_BYTES;

  /**
   * @throws IllegalArgumentException if the type, the data or the timestamp is not as described above
   * @throws EventTooLargeException if the data is larger than the deployment takes
   */
  public SSEEvent {
    if (!isType(type)) {
      throw new IllegalArgumentException("type must match " + TYPE.pattern() + ": " + type);
    }
    if (data == null || timestamp == null) {
      throw new IllegalArgumentException("data and timestamp must be there; null is \"null\"");
    }
    if (timestamp.isBefore(YEAR_1) || timestamp.isAfter(YEAR_10000)) {
      throw new IllegalArgumentException(
          "timestamp is not in the years 0001 to 9999: " + timestamp);
    }
    timestamp = timestamp.truncatedTo(ChronoUnit.MILLIS);
    data = JsonData.oneLine(data);
    int bytes = JsonData.utf8Length(data);
    if (bytes > maxDataBytes) {
      throw new EventTooLargeException(type, bytes, maxDataBytes);
    }
  }

  /**
   * An event of now.
   *
   * @param data anything that JSON-B can write, or null
   * @throws IllegalArgumentException if the type is not well formed
   * @throws EventTooLargeException if the data is larger than the deployment takes
   * @throws jakarta.json.bind.JsonbException if the data cannot be written as JSON
   */
  public static SSEEvent of(String type, Object data) {
    return new SSEEvent(type, JsonData.encode(data), Instant.now());
  }

  /** As {@link #of(String, Object)}, of a known type. */
  public static SSEEvent of(SSEEventType type, Object data) {
    return of(type.wireName(), data);
  }

  /** Whether this can be the type of an event. */
  public static boolean isType(String type) {
    return type != null && TYPE.matcher(type).matches();
  }

  /** Sets how many bytes of encoded data an event may have. For the deployment, at its start. */
  public static void limitDataBytes(int bytes) {
    maxDataBytes = bytes;
  }

  /** The event as it is on the wire, keys in the order of the contract, on one line. */
  public String toJson() {
    return "{\"type\":\"" + type + "\",\"data\":" + data + ",\"timestamp\":\""
        + Timestamps.format(timestamp) + "\"}";
  }
}
