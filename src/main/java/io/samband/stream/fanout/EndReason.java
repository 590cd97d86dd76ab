package io.samband.stream.fanout;

import java.util.Locale;

/** Why a stream ended: one word for the log, the metrics and, where the client is told, the {@code drain} frame. */
public enum EndReason {
  /** Its client has gone. */
  GONE,
  /** Its client accepted no byte for the stall timeout. */
  STALLED,
  /** It reached the age that {@code samband.stream.max-lifetime-millis} allows. */
  LIFETIME,
  /** The identity that it was opened with is about to expire. */
  EXPIRED,
  /** The container's session that it was opened in has ended. */
  SIGNED_OUT,
  /** An administrator ended it. */
  REVOKED,
  /** This node is stopping. */
  SHUTDOWN,
  /** The shared log has lost events that this node had delivered, and has given their offsets to others. */
  REWOUND,
  /** Code of this node closed its sink. */
  CLOSED,
  /** Its worker failed in the middle of a write, so it is not known what the stream was given. */
  FAILED;

  private final String wireName = name().toLowerCase(Locale.ROOT);

  /** The word, for example {@code gone}. */
  public String wireName() {
    return wireName;
  }
}
