package io.samband.stream;

import io.samband.log.LogState;
import io.samband.log.Replay;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import io.samband.stream.fanout.ControlFrames;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;

/** The first event of a stream. Unlike all later control frames it depends on the request, and is made with its {@link Sse}. */
final class Hello {
  private Hello() {}

  /**
   * Its id is the cursor that was asked for, never one beyond; without a cursor it is the newest id.
   *
   * @param auth JSON that says whose stream it is, or null for nobody in particular
   */
  static OutboundSseEvent event(
      Sse sse, LogState log, Replay replay, Settings settings, String auth) {
    String data = "{\"epoch\":\"" + log.epoch() + "\",\"oldest\":" + log.oldest() + ",\"newest\":"
        + log.newest() + ",\"replay\":\"" + replay.kind().wireName() + "\",\"keepaliveMillis\":"
        + settings.number(Setting.KEEPALIVE_MILLIS) + ",\"pollMillis\":"
        + settings.number(Setting.POLL_MILLIS) + (auth == null ? "" : ",\"auth\":" + auth) + '}';
    return sse.newEventBuilder()
        .reconnectDelay(settings.number(Setting.RETRY_MILLIS))
        .id(replay.helloId().toString())
        .name("hello")
        .data(data)
        .build();
  }

  static byte[] frame(OutboundSseEvent hello) {
    return ControlFrames.encode(
        hello.getReconnectDelay(),
        hello.getName(),
        hello.getId(),
        hello.getData().toString());
  }
}
