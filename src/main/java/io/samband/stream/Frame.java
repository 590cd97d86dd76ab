package io.samband.stream;

import io.samband.event.EventId;
import io.samband.log.LoggedEvent;
import jakarta.ws.rs.sse.OutboundSseEvent;
import java.nio.charset.StandardCharsets;

/**
 * One event of a {@code text/event-stream}, as bytes (HTML Living Standard, section 9.2.5).
 *
 * <p>Encoded here and not by the containers: they differ in line breaks and would encode once per subscriber.
 */
final class Frame {
  private final long offset;
  private final String type;
  private final byte[] bytes;

  private Frame(long offset, String type, byte[] bytes) {
    this.offset = offset;
    this.type = type;
    this.bytes = bytes;
  }

  /** An application event: no {@code event:} line, so that a plain {@code EventSource} sees it in {@code onmessage}. */
  static Frame of(LoggedEvent event) {
    byte[] head = ("id: " + event.id() + "\ndata: ").getBytes(StandardCharsets.US_ASCII);
    byte[] json = event.json();
    byte[] bytes = new byte[head.length + json.length + 2];
    System.arraycopy(head, 0, bytes, 0, head.length);
    System.arraycopy(json, 0, bytes, head.length, json.length);
    bytes[bytes.length - 2] = '\n';
    bytes[bytes.length - 1] = '\n';
    return new Frame(event.offset(), event.type(), bytes);
  }

  /** A control frame, which has a name, and an id that is the cursor of who gets it. */
  static byte[] control(OutboundSseEvent event, EventId cursor) {
    var text = new StringBuilder();
    if (event.isReconnectDelaySet()) {
      text.append("retry: ").append(event.getReconnectDelay()).append('\n');
    }
    text.append("id: ").append(cursor).append('\n');
    text.append("event: ").append(event.getName()).append('\n');
    // One data line per line of text: anything else would end the frame early.
    for (String line : event.getData().toString().split("\r\n|\r|\n", -1)) {
      text.append("data: ").append(line).append('\n');
    }
    return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
  }

  long offset() {
    return offset;
  }

  String type() {
    return type;
  }

  /** Not a copy: nobody may write to it. */
  byte[] bytes() {
    return bytes;
  }
}
