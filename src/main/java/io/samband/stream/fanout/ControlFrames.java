package io.samband.stream.fanout;

import io.samband.event.EventId;
import io.samband.event.Timestamps;
import io.samband.log.LogHealth;
import io.samband.log.Reset;
import io.samband.log.Skip;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * The frames that are about the stream itself. Each has a name, and an id that is never beyond what was written to the
 * subscriber that gets it.
 */
public final class ControlFrames {
  /** The size of a {@code skip}, roughly. */
  static final int SKIP_BYTES = 80;

  private ControlFrames() {}

  /** Says that the cursor cannot be continued, and from where delivery goes on. */
  public static byte[] reset(Reset reset) {
    return encode("reset", reset.id(), reset.toJson());
  }

  /**
   * Says which events the subscriber is not shown: those after the last frame that it got, and before the next one. Comes in
   * the same write as that one.
   */
  static byte[] skip(String epoch, Skip hidden) {
    return encode(
        "skip",
        epoch + '-' + hidden.to(),
        "{\"from\":" + hidden.from() + ",\"to\":" + hidden.to() + '}');
  }

  /**
   * Proof of life for subscribers that were idle. Carries their cursor past filtered events, so that it does not become too
   * old to be continued.
   */
  static byte[] keepalive(EventId cursor, long newest, Instant now) {
    return encode(
        "keepalive",
        cursor,
        "{\"newest\":" + newest + ",\"timestamp\":\"" + Timestamps.format(now) + "\"}");
  }

  /** Says whether events are being made durable, when that has changed. */
  public static byte[] status(EventId cursor, LogHealth health) {
    return encode("status", cursor, health.statusJson());
  }

  /** The last frame of a stream that the server ends: why, and how long to wait before coming back. */
  static byte[] drain(EventId cursor, EndReason reason, long reconnectMillis) {
    return encode(
        reconnectMillis,
        "drain",
        cursor,
        "{\"reason\":\"" + reason.wireName() + "\",\"reconnectMillis\":" + reconnectMillis + '}');
  }

  /** A frame that also sets the client's reconnection delay. */
  public static byte[] encode(long retryMillis, String name, Object id, String data) {
    return frame("retry: " + retryMillis + '\n', name, id, data);
  }

  static byte[] encode(String name, Object id, String data) {
    return frame("", name, id, data);
  }

  private static byte[] frame(String retry, String name, Object id, String data) {
    // All data is JSON of our own on one line: a second line would need a "data:" of its own.
    String text = retry + "id: " + id + "\nevent: " + name + "\ndata: " + data + "\n\n";
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
