package io.samband.stream;

import io.samband.event.EventId;
import io.samband.event.Timestamps;
import io.samband.log.LogState;
import io.samband.log.Replay;
import io.samband.log.Reset;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Instant;

/** The frames that are about the stream itself: {@code hello}, {@code reset}, {@code keepalive}, {@code drain}. */
final class ControlFrames {
  private final Sse sse;
  private final long retryMillis;
  private final long keepaliveMillis;
  private final long pollMillis;

  ControlFrames(Sse sse, Settings settings) {
    this.sse = sse;
    this.retryMillis = settings.number(Setting.RETRY_MILLIS);
    this.keepaliveMillis = settings.number(Setting.KEEPALIVE_MILLIS);
    this.pollMillis = settings.number(Setting.POLL_MILLIS);
  }

  /** The first frame of a stream. Its id is the cursor that was asked for, never one beyond. */
  byte[] hello(LogState log, Replay replay) {
    String data = "{\"epoch\":\"" + log.epoch() + "\",\"oldest\":" + log.oldest() + ",\"newest\":"
        + log.newest() + ",\"replay\":\"" + replay.kind().wireName() + "\",\"keepaliveMillis\":"
        + keepaliveMillis + ",\"pollMillis\":" + pollMillis + '}';
    return Frame.control(
        named("hello", data).reconnectDelay(retryMillis).build(), replay.helloId());
  }

  byte[] reset(Reset reset) {
    return Frame.control(named("reset", reset.toJson()).build(), reset.id());
  }

  /** Proof of life for who was idle; carries the cursor past filtered events, so that it does not grow old. */
  byte[] keepalive(EventId cursor, long newest, Instant now) {
    String data = "{\"newest\":" + newest + ",\"timestamp\":\"" + Timestamps.format(now) + "\"}";
    return Frame.control(named("keepalive", data).build(), cursor);
  }

  /** The last frame of a stream that the server ends: how long to wait before coming back. */
  byte[] drain(EventId cursor, EndReason reason, long reconnectMillis) {
    String data =
        "{\"reason\":\"" + reason.wireName() + "\",\"reconnectMillis\":" + reconnectMillis + '}';
    return Frame.control(named("drain", data).reconnectDelay(reconnectMillis).build(), cursor);
  }

  private OutboundSseEvent.Builder named(String name, String data) {
    return sse.newEventBuilder().name(name).data(data);
  }
}
