package io.samband.presence;

import java.util.Collection;

/** The streams of this node. Asked about once a second, by one thread. */
public interface LocalStreams {
  Collection<PresentStream> open();

  /** The id of the newest event: where the streams stand that are not behind. */
  String cursor();
}
