package io.samband.stream.fanout;

import io.samband.log.EventHeader;
import io.samband.log.LoggedEvent;
import java.nio.charset.StandardCharsets;

/**
 * An application event of a {@code text/event-stream} as bytes (HTML Living Standard, section 9.2.5), with what a filter
 * looks at.
 *
 * <p>It has no {@code event:} line, so that a plain {@code EventSource} sees it in {@code onmessage}. Encoded once for all
 * subscribers; the containers would encode once per subscriber and differ in line breaks.
 */
final class Frame {
  private final String epoch;
  private final EventHeader header;
  private final byte[] bytes;

  private Frame(String epoch, EventHeader header, byte[] bytes) {
    this.epoch = epoch;
    this.header = header;
    this.bytes = bytes;
  }

  static Frame of(LoggedEvent event) {
    byte[] head = ("id: " + event.id() + "\ndata: ").getBytes(StandardCharsets.US_ASCII);
    byte[] json = LineSeparators.escaped(event.json());
    byte[] bytes = new byte[head.length + json.length + 2];
    System.arraycopy(head, 0, bytes, 0, head.length);
    System.arraycopy(json, 0, bytes, head.length, json.length);
    bytes[bytes.length - 2] = '\n';
    bytes[bytes.length - 1] = '\n';
    return new Frame(event.id().epoch(), event.header(), bytes);
  }

  String epoch() {
    return epoch;
  }

  long offset() {
    return header.offset();
  }

  EventHeader header() {
    return header;
  }

  /** Not a copy; must not be changed. */
  byte[] bytes() {
    return bytes;
  }
}
